import ContainerImage
import FoundationEssentials

/// The media type that a manifest is pushed under.
enum PushedType {
    /// That of the request, which must be the one that the manifest names itself, where it names one.
    static func of(_ bytes: [UInt8], contentType: String?) throws(RegistryResponseError) -> MediaType {
        let own = own(bytes)
        guard let given = contentType.map({ MediaType($0) }), !given.text.isEmpty else {
            guard let own else { throw .manifestInvalid("the request has no Content-Type") }
            return own
        }
        if let own, own != given {
            throw .manifestInvalid("the request's Content-Type is '\(given)', the manifest's mediaType '\(own)'")
        }
        return given
    }

    private static func own(_ bytes: [UInt8]) -> MediaType? {
        guard JSONNesting.isWithinLimit(bytes) else { return nil }
        let type = (try? JSONDecoder().decode(Typed.self, from: Data(bytes)))?.mediaType
        return type?.text.isEmpty == true ? nil : type
    }

    private struct Typed: Decodable {
        var mediaType: MediaType?
    }
}
