import KbldConfiguration
import Testing

@Suite("What overrides cost")
struct OverrideCostTests {
    @Test("each matcher is looked at once, however many references are looked up", arguments: [500, 1000, 2000])
    func lookUps(count: Int) {
        let overrides = (0..<count).map { number in
            let name = "app\(number)"
            let matcher: ImageMatcher = number.isMultiple(of: 2) ? .image("\(name):1") : .imageRepo(name)
            return ImageOverride(matcher: matcher, newImage: "new/\(name)")
        }
        var looks = 0
        let list = MatchedList(overrides) { override in
            looks += 1
            return override.matcher
        }
        #expect((0..<count).allSatisfy { list.first(for: "app\($0):1")?.newImage == "new/app\($0)" })
        #expect(looks == count)
    }
}
