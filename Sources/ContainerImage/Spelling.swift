/// Names that were probably meant by one that isn't known.
public enum Spelling {
    /// The known name that is nearest to `word`; nil where none is near.
    ///
    /// Near is what a letter or two make of it (one that is missing, too many, another, or two in each other's place),
    /// what it begins, and what it is a part of. Of equally near names it is the first.
    public static func nearest(to word: String, among names: some Sequence<String>) -> String? {
        let word = Array(word.lowercased())
        guard (3...maximalLength).contains(word.count) else { return nil }
        let limit = min(2, (word.count + 1) / 3)
        var best: (name: String, distance: Int)?
        var longer: String?
        for name in names where name.count <= maximalLength {
            let letters = Array(name.lowercased())
            let distance = distance(word, letters)
            if distance <= min(limit, letters.count - 1), distance < best?.distance ?? .max { best = (name, distance) }
            let isPart = letters.starts(with: word) || word.count >= 5 && letters.firstRange(of: word) != nil
            if isPart, name.count < longer?.count ?? .max { longer = name }
        }
        return best?.name ?? longer
    }

    /// No name is longer.
    private static let maximalLength = 64

    /// How many steps make one word of the other (the optimal string alignment distance).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var current = [row + 1]
            for (column, wanted) in other.enumerated() {
                var steps = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == wanted ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], one[row - 1] == wanted {
                    steps = min(steps, beforeLast[column - 1] + 1)
                }
                current.append(steps)
            }
            beforeLast = last
            last = current
        }
        return last.last ?? one.count
    }
}
