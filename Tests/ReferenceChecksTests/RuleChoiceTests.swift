import ReferenceChecks
import Testing

@Suite("Choosing rules")
struct RuleChoiceTests {
    @Test("Without names it is those that ask nobody, and those that something is given for")
    func standard() throws {
        let offline: Set<CheckRule> = [.unpinned, .latest, .uncheckable, .inconsistent, .overlooked]
        #expect(try RuleChoice([], inputs: [], isOffline: false).rules == offline)
        #expect(
            try RuleChoice([], inputs: [.lock, .mirror, .newer], isOffline: false).rules
                == offline.union([.lock, .absent, .newer])
        )
    }

    @Test("All are those that can be applied; the others are said")
    func all() throws {
        let choice = try RuleChoice(["all"], inputs: [.package], isOffline: true)
        #expect(choice.rules == [.unpinned, .latest, .absent, .uncheckable, .inconsistent, .overlooked])
        #expect(choice.omitted.count == 9)
        let reasons = Dictionary(uniqueKeysWithValues: choice.omitted.map { ($0.rule, $0.reason) })
        #expect(reasons[.unsigned] == .needs(.signatures))
        #expect(reasons[.drift] == .offline)
    }

    @Test("A rule that can't be applied is an error to ask for")
    func errors() throws {
        func failure(_ names: [String], _ inputs: Set<RuleChoice.Input>, _ isOffline: Bool) -> RuleChoiceError.Reason? {
            do {
                _ = try RuleChoice(names, inputs: inputs, isOffline: isOffline)
                return nil
            } catch {
                return (error as? RuleChoiceError)?.reason
            }
        }
        #expect(failure(["drift"], [], true) == .offline)
        #expect(failure([], [.mirror], true) == .offline)
        #expect(failure(["KBLD011"], [], false) == .needs(.signatures))
        #expect(failure(["KBLD011"], [.signatures], true) == .offline)
        #expect(failure(["KBLD011"], [.signatures, .package], true) == nil)
        #expect(failure(["platform"], [], false) == .needs(.platforms))
        #expect(failure(["lock"], [], false) == .needs(.lock))
        #expect(failure(["not-in-mirror"], [], false) == .needs(.package))
        #expect(throws: CheckSettingError.self) { try RuleChoice(["foo"], inputs: [], isOffline: false) }
    }
}
