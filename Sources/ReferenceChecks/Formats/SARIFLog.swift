/// What of a SARIF 2.1.0 file is written here, under the specification's names.
struct SARIFLog: Encodable {
    var schema = "https://json.schemastore.org/sarif-2.1.0.json"
    var version = "2.1.0"
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
        case version, runs
        case schema = "$schema"
    }

    struct Run: Encodable {
        var tool: Tool
        var columnKind = "utf16CodeUnits"
        var invocations: [Invocation]
        var results: [Result]
    }

    struct Tool: Encodable { var driver: Driver }

    struct Driver: Encodable {
        var name: String
        var version: String?
        var rules: [Rule]
    }

    struct Message: Encodable { var text: String }

    struct Rule: Encodable {
        var id: String
        var name: String
        var shortDescription: Message
        var fullDescription: Message
        var help: Message
        var defaultConfiguration: Configuration

        struct Configuration: Encodable { var level: CheckLevel }

        init(_ rule: CheckRule) {
            id = rule.id
            name = rule.name
            shortDescription = Message(text: rule.summary)
            fullDescription = Message(text: rule.explanation)
            help = Message(text: rule.explanation)
            defaultConfiguration = Configuration(level: rule.level)
        }
    }

    struct Invocation: Encodable {
        var executionSuccessful: Bool
        var toolExecutionNotifications: [Notification]
    }

    struct Notification: Encodable {
        var level: CheckLevel
        var message: Message
        var locations: [Location]?
        var associatedRule: RuleReference?

        struct RuleReference: Encodable { var id: String }
    }

    struct Location: Encodable {
        var physicalLocation: PhysicalLocation

        init(_ path: String, _ region: SourceRegion) {
            physicalLocation = PhysicalLocation(artifactLocation: ArtifactLocation(path), region: Region(region))
        }
    }

    struct PhysicalLocation: Encodable {
        var artifactLocation: ArtifactLocation
        var region: Region
    }

    struct ArtifactLocation: Encodable {
        var uri: String

        init(_ path: String) { uri = FileURI.text(of: path) }
    }

    struct Region: Encodable {
        var startLine: Int
        var startColumn: Int
        var endLine: Int
        var endColumn: Int

        init(_ region: SourceRegion) {
            startLine = region.line
            startColumn = region.column
            endLine = region.endLine
            endColumn = region.endColumn
        }
    }

    struct Result: Encodable {
        var ruleId: String
        var ruleIndex: Int
        var level: CheckLevel
        var message: Message
        var locations: [Location]
        var partialFingerprints: [String: String]
        var fixes: [Fix]?

        init(_ finding: Finding) {
            ruleId = finding.rule.id
            ruleIndex = CheckRule.allCases.firstIndex(of: finding.rule) ?? 0
            level = finding.level
            let hint = finding.hint.isEmpty ? "" : " (\(finding.hint))"
            message = Message(text: "\(finding.reference): \(finding.message)\(hint)")
            locations = [Location(finding.path, finding.region)]
            // The second is the one that GitHub goes by; without it, a hash of the lines around would take its place.
            partialFingerprints = ["kbld/v1": finding.fingerprint, "primaryLocationLineHash": finding.fingerprint]
            fixes = finding.fix.isEmpty ? nil : [Fix(finding)]
        }
    }

    struct Fix: Encodable {
        var description: Message
        var artifactChanges: [ArtifactChange]

        init(_ finding: Finding) {
            description = Message(text: "Pin \(finding.reference)")
            artifactChanges = [
                ArtifactChange(
                    artifactLocation: ArtifactLocation(finding.path),
                    replacements: finding.fix.map { replacement in
                        Replacement(
                            deletedRegion: Region(replacement.region),
                            insertedContent: Message(text: replacement.text)
                        )
                    }
                )
            ]
        }
    }

    struct ArtifactChange: Encodable {
        var artifactLocation: ArtifactLocation
        var replacements: [Replacement]
    }

    struct Replacement: Encodable {
        var deletedRegion: Region
        var insertedContent: Message
    }
}
