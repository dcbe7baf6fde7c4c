import SourceReferences
import Testing

@Suite("References as they are written")
struct WrittenReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)

    @Test(
        "Parts stay as they are written",
        arguments: [
            "nginx", "nginx:1.27", "nginx@\(digest)", "nginx:1.27@\(digest)", "localhost:5000/app",
            "localhost:5000/app:1", "[::1]:5000/team/app:v1",
        ]
    )
    func parts(_ text: String) throws {
        #expect(try WrittenReference(text).description == text)
    }

    @Test("A port is not a tag")
    func port() throws {
        let reference = try WrittenReference("localhost:5000/app")
        #expect(reference.name == "localhost:5000/app")
        #expect(reference.tag == nil)
    }
}
