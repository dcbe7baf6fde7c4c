import CommandLineSyntax
import Testing

@Suite("Names of flags")
struct FlagNameTests {
    @Test("A flag has a value, or is on or off, and never both")
    func kinds() {
        #expect(ValueFlags.names.isDisjoint(with: BooleanFlags.names))
        #expect(ValueFlags.names.isDisjoint(with: BooleanFlags.plainNames))
        #expect(BooleanFlags.names.isDisjoint(with: BooleanFlags.plainNames))
        #expect(Set(ValueFlags.letters.keys).isDisjoint(with: BooleanFlags.letters))
        #expect(ValueFlags.names.isSuperset(of: ValueFlags.letters.values))
    }

    @Test(
        "What is on by default can be switched off",
        arguments: [
            ("json", true), ("no-json", true), ("verify", true), ("no-verify", false), ("file", false),
            ("no-file", false),
            ("no-no-json", false), ("", false),
        ]
    )
    func forms(name: String, isSwitch: Bool) {
        #expect(BooleanFlags.contains(name) == isSwitch)
    }
}
