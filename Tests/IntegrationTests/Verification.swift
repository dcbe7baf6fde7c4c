/// What `kbld verify --json` prints.
struct Verification: Decodable {
    struct Fault: Decodable {
        var kind: String
        var subject: String
        var message: String
    }
    var format: String
    var ok: Bool
    var layers: Int
    var images: Int
    var faults: [Fault]
    var notes: [Fault]
}
