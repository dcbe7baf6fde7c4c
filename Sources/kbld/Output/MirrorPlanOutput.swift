import ContainerImage
import PackageReport
import Presentation
import RegistryMirroring

/// What a mirror's run would do, or has done, on standard output: a table of what changes, or JSON of all.
struct MirrorPlanOutput {
    let plan: MirrorPlan
    let target: String
    /// Whether the plan was carried out.
    var isDone = false

    /// What is known of an action.
    enum Columns: TableColumns {
        static let headings = ["Action", "Source", "Target", "Digest", "Current"]
    }

    func write(as options: ConsoleOptions, _ log: Log) throws {
        if options.isJSON {
            try StandardOutput.write(TerminalText.json(ReportJSON.text(of: Result(plan, target: target))))
        } else {
            let console = Console(options)
            try console.table(
                Table(
                    content: "actions",
                    header: Columns.headings,
                    rows: plan.actions.map { action in
                        [
                            action.kind.rawValue, action.source.map(\.description) ?? "-", action.target,
                            action.digest.map(\.description) ?? "-", action.current.map(\.description) ?? "-",
                        ]
                    },
                    grid: Table.Grid(styles: [.text, .name, .name, .text, .text])
                )
            )
            try console.finish(false)
        }
        guard !isDone else { return }
        for note in plan.notes { log.line(note) }
        let prunes = plan.count(of: .prune)
        log.line(
            "\(plan.count(of: .add)) to add, \(plan.count(of: .move)) to move, \(plan.count(of: .keep)) to keep, "
                + "\(prunes) to prune; nothing was copied or written"
        )
    }

    private struct Result: Encodable {
        struct Action: Encodable {
            let action: String
            let source: String?
            let target: String
            let digest: String?
            let current: String?
        }

        struct Failure: Encodable {
            let subject: String
            let error: String
        }

        let target: String
        let actions: [Action]
        let counts: [String: Int]
        let failures: [Failure]
        let notes: [String]

        init(_ plan: MirrorPlan, target: String) {
            self.target = target
            actions = plan.actions.map { action in
                Action(
                    action: action.kind.rawValue,
                    source: action.source.map(\.description),
                    target: action.target,
                    digest: action.digest.map(\.description),
                    current: action.current.map(\.description)
                )
            }
            counts = Dictionary(
                uniqueKeysWithValues: MirrorPlan.Action.Kind.allCases.map { ($0.rawValue, plan.count(of: $0)) }
            )
            failures = plan.failures.map { failure in
                Failure(subject: failure.subject, error: Hints.text(HintedText(describing: failure.error)))
            }
            notes = plan.notes
        }
    }
}
