import RegistryServer
import Testing

@Suite("The header fields of registries")
struct RegistryHeadersTests {
    @Test("each name is one")
    func names() {
        #expect(
            RegistryHeaders.names == [
                "Docker-Distribution-API-Version", "Docker-Content-Digest", "Docker-Upload-UUID", "OCI-Subject",
                "OCI-Namespace", "OCI-Tag", "OCI-Filters-Applied", "Link",
            ]
        )
    }
}
