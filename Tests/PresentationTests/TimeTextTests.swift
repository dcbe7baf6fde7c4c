import Presentation
import Testing

@Suite("How long it took")
struct TimeTextTests {
    @Test(
        "in units that tell it",
        arguments: [
            (Duration.milliseconds(0), "0 ms"), (.milliseconds(999), "999 ms"), (.milliseconds(1000), "1.0 s"),
            (.milliseconds(1250), "1.3 s"),
            (.milliseconds(59_940), "59.9 s"), (.milliseconds(59_960), "1 min 0 s"), (.seconds(125), "2 min 5 s"),
            (.seconds(3599), "59 min 59 s"), (.seconds(3900), "1 h 5 min"), (.seconds(-1), "0 ms"),
        ]
    )
    func text(duration: Duration, text: String) {
        #expect(TimeText.text(duration) == text)
    }
}
