import ContainerImage
import ReferenceChecks
import TestSupport

/// References as a file has them.
enum Sample {
    static let digests = (0..<4).map { number in Digest(of: [UInt8(number)]) }

    /// A reference in a line of a file.
    static func reference(
        _ text: String,
        _ path: String = "app.yml",
        line: Int = 1,
        ignored: Set<CheckRule> = []
    ) throws -> CheckedReference {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        let reference = try ImageReference(parts[0])
        var tag: Tag?
        if case .tag(_, let found) = reference, parts[0].split(separator: "/").last?.contains(":") == true {
            tag = found
        }
        return CheckedReference(
            path: path,
            region: SourceRegion(line: line, columns: 8..<(8 + text.utf16.count)),
            text: text,
            content: .image(
                reference.repository,
                tag: tag,
                digest: parts.count == 2 ? try Digest(parts[1]) : nil
            ),
            ignored: ignored
        )
    }

    /// Settings for rules, on the first of January 2025.
    static func settings(_ rules: CheckRule...) -> CheckSettings {
        CheckSettings(rules: Set(rules), now: Timestamp(seconds: 1_735_689_600))
    }
}

extension CheckReport {
    /// `KBLD001 app.yml:1`.
    var places: [String] { findings.map { "\($0.rule.id) \($0.path):\($0.region.line)" } }
    var messages: [String] { findings.map(\.message) }
}
