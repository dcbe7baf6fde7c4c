import ContainerImage
import FoundationEssentials
import ReferenceChecks
import Testing

/// Whole reports as they are in `Fixtures`; `UPDATE_FIXTURES=1` writes them anew.
@Suite("Formats of reports")
struct ReportFormatTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    /// A report with all that formats have to show, and with characters that mean something to some of them.
    private static func report() throws -> CheckReport {
        var settings = Sample.settings(.unpinned, .latest, .uncheckable, .inconsistent)
        settings.levels[.inconsistent] = .warning
        let references = [
            try Sample.reference("nginx", "deploy/app.yml", line: 3),
            try Sample.reference("r.io/a/b:1", "deploy/a <b>, 100%: \"ü\".yml", line: 7),
            try Sample.reference("r.io/a/b:2@\(Sample.digests[0])", "deploy/app.yml", line: 12),
            CheckedReference(
                path: "deploy/app.yml",
                region: SourceRegion(line: 9, column: 4, endLine: 10, endColumn: 2),
                text: "${REGISTRY}/x:<1> & 'y'",
                content: .interpolated
            ),
        ]
        let fix = Finding.Replacement(
            region: SourceRegion(line: 3, columns: 13..<13),
            text: ":latest@\(Sample.digests[1])"
        )
        var report = ReferenceCheck(settings).report(on: references)
        for index in report.findings.indices where report.findings[index].reference == "nginx" {
            report.findings[index].fix = [fix]
        }
        report.unchecked = [
            UncheckedReference(
                rules: [.missing, .drift],
                reference: "r.io/a/b:2",
                path: "deploy/app.yml",
                region: SourceRegion(line: 12, columns: 8..<18),
                placeCount: 3,
                reason: "r.io: 429 <too many>, 100% sure\nwait"
            )
        ]
        report.remarks = ["r.io/a/b has more than 10000 tags"]
        report.knownCount = 2
        return report
    }

    private static func output(_ format: ReportFormat, _ report: CheckReport) throws -> String {
        var writer = ReportWriter(report)
        writer.version = "1.2.3"
        return try writer.text(as: format)
    }

    @Test("A report is this text, character for character", arguments: ReportFormat.allCases)
    func golden(_ format: ReportFormat) throws {
        let text = try Self.output(format, try Self.report())
        let file = Self.folder.appending(path: "report.\(format)")
        if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] != nil { try Data(text.utf8).write(to: file) }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected)
    }

    @Test("Nothing to report is nothing in a table, and an empty report elsewhere")
    func empty() throws {
        let report = ReferenceCheck(Sample.settings(.unpinned)).report(on: [])
        #expect(try Self.output(.text, report) == "")
        #expect(try Self.output(.github, report) == "")
        #expect(try JSONDecoder().decode([String].self, from: Data(try Self.output(.gitlab, report).utf8)).isEmpty)
        #expect(
            try Self.output(.junit, report).contains(#"<testsuites name="kbld" tests="1" failures="0" errors="0">"#)
        )
        #expect(try Log(Self.output(.sarif, report)).runs[0].results.isEmpty)
    }

    @Test("What doesn't fail the check is a test that passes")
    func junitLevels() throws {
        var writer = ReportWriter(try Self.report())
        writer.failing = nil
        writer.failsUnchecked = false
        let text = try writer.text(as: .junit)
        #expect(text.contains(#"failures="0" errors="0""#) && text.contains("<skipped message="))
        #expect(!text.contains("<failure"))
    }

    @Test("It is said where GitHub won't show all annotations")
    func manyAnnotations() throws {
        for (count, remarks) in [(10, 0), (11, 1)] {
            let references = try (1...count).map { try Sample.reference("nginx:1", line: $0) }
            let report = ReferenceCheck(Sample.settings(.unpinned)).report(on: references)
            #expect(try ReportWriter(report).output(as: .github).remarks.count == remarks)
        }
    }

    // MARK: SARIF

    private struct Log: Decodable {
        var runs: [Run]

        struct Run: Decodable {
            var tool: Tool
            var results: [Result]
            var invocations: [Invocation]
        }
        struct Tool: Decodable { var driver: Driver }
        struct Driver: Decodable { var rules: [Rule] }
        struct Rule: Decodable { var id: String }
        struct Result: Decodable {
            var ruleId: String
            var ruleIndex: Int
            var level: String
            var partialFingerprints: [String: String]
        }
        struct Invocation: Decodable { var toolExecutionNotifications: [Notification] }
        struct Notification: Decodable { var message: Message }
        struct Message: Decodable { var text: String }

        init(_ text: String) throws { self = try JSONDecoder().decode(Log.self, from: Data(text.utf8)) }
    }

    @Test("Each result names its rule, and has a fingerprint of its own that a moved line doesn't change")
    func results() throws {
        let run = try Log(Self.output(.sarif, try Self.report())).runs[0]
        #expect(run.results.allSatisfy { run.tool.driver.rules[$0.ruleIndex].id == $0.ruleId })
        let prints = run.results.compactMap { $0.partialFingerprints["primaryLocationLineHash"] }
        #expect(Set(prints).count == run.results.count)
        let settings = Sample.settings(.unpinned)
        let moved = try [3, 700].map { line in
            ReferenceCheck(settings).report(on: [try Sample.reference("nginx", line: line)]).findings[0].fingerprint
        }
        #expect(moved[0] == moved[1])
    }

    @Test("What is beyond the limit of results is left out, by level, and that is said")
    func manyResults() throws {
        var settings = Sample.settings(.unpinned, .latest)
        settings.levels[.latest] = .note
        let report = ReferenceCheck(settings).report(
            on: try (1...100).map { try Sample.reference("nginx", line: $0) }
        )
        var writer = ReportWriter(report)
        writer.sarifLimit = .init(results: 120, compressedBytes: 10_000_000)
        let output = try writer.output(as: .sarif)
        let run = try Log(output.text).runs[0]
        #expect(run.results.count == 120)
        #expect(run.results.count { $0.level == "error" } == 100)
        let words = "80 further findings are left out of the SARIF file"
        #expect(output.remarks.count == 1 && output.remarks[0].hasPrefix(words))
        #expect(run.invocations[0].toolExecutionNotifications.map(\.message.text) == output.remarks)
        #expect(try ReportWriter(report).output(as: .sarif).remarks.isEmpty)
        #expect(ReportWriter.SARIFLimit.gitHub == .init(results: 25_000, compressedBytes: 10_000_000))
    }

    @Test("A file is as large as it may be once it is compressed", arguments: [1, 4000, 12_000, 40_000])
    func largeFile(_ bytes: Int) throws {
        let references = try (1...400).map { number in
            try Sample.reference("r.io/app\(number):\(Digest(of: [UInt8(number % 256)]).hex)", line: number)
        }
        let report = ReferenceCheck(Sample.settings(.unpinned)).report(on: references)
        var writer = ReportWriter(report)
        writer.sarifLimit = .init(results: 25_000, compressedBytes: bytes)
        let output = try writer.output(as: .sarif)
        let count = try Log(output.text).runs[0].results.count
        switch bytes {
        case 1: #expect(count == 0 && output.remarks[0].hasPrefix("400 further findings are left out"))
        case 40_000: #expect(count == 400 && output.remarks.isEmpty)
        default: #expect((1..<400).contains(count) && output.remarks[0].hasPrefix("\(400 - count) further"))
        }
    }
}
