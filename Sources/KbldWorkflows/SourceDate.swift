public import FoundationEssentials

/// The time that what is written bears: the present, or what whoever builds reproducibly sets as `SOURCE_DATE_EPOCH`
/// (reproducible-builds.org).
public enum SourceDate {
    /// The last second of the year 9999.
    private static let latest = 253_402_300_799

    /// Whether the environment says which time it is.
    static func isSet(_ variables: [String: String]) -> Bool { variables["SOURCE_DATE_EPOCH"]?.isEmpty == false }

    /// The time by the environment, else the present.
    ///
    /// - Throws: `SourceDateError` where the variable isn't a number of seconds since 1970.
    public static func date(_ variables: [String: String]) throws(SourceDateError) -> Date {
        guard isSet(variables), let text = variables["SOURCE_DATE_EPOCH"] else { return Date() }
        guard let seconds = Int(text), (0...latest).contains(seconds) else { throw SourceDateError(text: text) }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}

/// A time that is none.
public struct SourceDateError: Error, Sendable, CustomStringConvertible {
    /// What the variable has.
    public let text: String

    /// What the variable must be.
    public var description: String {
        "SOURCE_DATE_EPOCH is '\(text)', and must be a whole number of seconds since 1970; correct or unset it"
    }
}
