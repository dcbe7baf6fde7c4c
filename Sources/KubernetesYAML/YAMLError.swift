/// Why a file isn't usable YAML or JSON.
public struct YAMLError: Error, Sendable, Hashable {
    /// The file.
    public let file: String
    /// Which document of the file, from 1.
    public let document: Int
    /// The line of the file, from 1; nil if it isn't known.
    public let line: Int?
    /// The column in characters, from 1, where it is known.
    public private(set) var column: Int?
    /// What is wrong there.
    public let reason: Reason

    init(file: String, document: Int, line: Int?, column: Int? = nil, reason: Reason) {
        self.file = file
        self.document = document
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// What can be wrong.
    public enum Reason: Sendable, Hashable {
        /// The syntax, in the parser's words.
        case syntax(String)
        /// Lists and maps within each other, deeper than anyone means.
        case tooDeep
        /// Aliases that expand to too many values.
        case aliasBomb
        /// An alias without its anchor.
        case unknownAlias(String)
        /// An anchor whose value holds its own alias.
        case endlessAlias(String)
        /// A key that is null, a list or a map.
        case badKey(String)
        /// A merge key with something else than a map.
        case badMerge
        /// A number that JSON doesn't have.
        case notFinite(String)
        /// A text that isn't of its tag's type.
        case badTag(tag: String, text: String)
        /// A document that is not a map.
        case notAMap(String)
        /// Something in the `items` of a List that is not a map.
        case badItem(Int)
    }
}

extension YAMLError: CustomStringConvertible {
    /// The file, document and line, and what is wrong.
    public var description: String {
        "Reading '\(file)', document \(document)\(line.map { ", line \($0)" } ?? ""): \(explanation)"
    }

    /// What is wrong, without the place.
    public var explanation: String {
        switch reason {
        case .syntax(let words): words
        case .tooDeep: "lists and maps are nested more than \(DocumentComposer.depthLimit) deep"
        case .aliasBomb: "its aliases expand to too many values"
        case .unknownAlias(let name): "there is no anchor '\(name)' for the alias '*\(name)'"
        case .endlessAlias(let name): "the value of the anchor '\(name)' contains itself"
        case .badKey(let kind): "a key is \(kind); it must be text, a number or a boolean"
        case .badMerge: "what is merged by '<<' must be a map or a list of maps"
        case .notFinite(let text): "'\(text)' can't be written in JSON; put it in quotes if it is text"
        case .badTag(let tag, let text): "'\(text)' is not of the type \(tag)"
        case .notAMap(let kind): "the document is \(kind); it must be a map"
        case .badItem(let position): "items[\(position)] is not a map"
        }
    }
}
