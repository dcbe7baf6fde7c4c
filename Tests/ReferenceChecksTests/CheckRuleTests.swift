import ReferenceChecks
import Testing

@Suite("Rules of checks")
struct CheckRuleTests {
    @Test("Each has an identifier and a name of its own, and a description in sentences")
    func table() {
        #expect(CheckRule.allCases.map(\.id) == (1...15).map { "KBLD0" + ($0 < 10 ? "0\($0)" : "\($0)") })
        #expect(Set(CheckRule.names).count == CheckRule.names.count)
        for rule in CheckRule.allCases {
            #expect(rule.explanation.hasSuffix("."))
            #expect(!rule.summary.hasSuffix("."))
            #expect(CheckRule(named: rule.id.lowercased()) == rule)
            #expect(CheckRule(named: rule.name.uppercased()) == rule)
        }
    }
}
