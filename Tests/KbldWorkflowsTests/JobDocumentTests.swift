import FoundationEssentials
import KbldWorkflows
import TestSupport
import Testing

@Suite("Documents of a job")
struct JobDocumentTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func documents(_ entry: String, hasVolume: Bool) throws -> JobDocuments {
        let path = try folder.write(
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\ntarget: m.io/mirror\nimages: [{\(entry)}]\n",
            to: "mirror.yml"
        )
        return try JobDocuments(mirror: path, hasVolume: hasVolume)
    }

    @Test(
        "A mirror that names files that pods don't have is refused",
        arguments: [
            ("documents: [app.yml]", false), ("documents: [app.yml]", true), ("charts: [app.tgz]", false),
            ("documents: [https://s.io/app.yml, ./app.yml]", true), ("documents: [/data/app.yml]", false),
        ]
    )
    func refused(entry: String, hasVolume: Bool) {
        let error = #expect(throws: JobDocumentError.self) { try documents(entry, hasVolume: hasVolume) }
        #expect(error?.description.contains("pods don't have the file '") == true)
    }

    @Test("A mirror may name addresses, and files of the volume and of the image; what these need is told")
    func taken() throws {
        #expect(try documents("repository: s.io/app", hasVolume: false).remarks.isEmpty)
        let entry = "documents: [https://s.io/app.yml, /data/app.yml]"
        #expect(try documents(entry, hasVolume: true).remarks.isEmpty)
        let charts = try documents("charts: ['oci://s.io/app', /opt/app.tgz]", hasVolume: false)
        #expect(charts.remarks.count == 3)
        #expect(charts.remarks[0].hasSuffix("needs helm as well, to render the chart 'oci://s.io/app'"))
        #expect(charts.remarks[2] == "pods read '/opt/app.tgz' from the image that has the program")
    }
}
