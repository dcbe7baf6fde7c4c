/// The system that an image runs on, as an index tells it.
///
/// OCI image specification, "Image Index Property Descriptions".
public struct Platform: Hashable, Sendable {
    /// The processor, by Go's names: `amd64`, `arm64`, `arm`; empty where an index leaves it out.
    public var architecture: String
    /// The operating system, by Go's names: `linux`, `windows`; empty where an index leaves it out.
    public var os: String
    /// The processor's variant: `v7`, `v8`.
    public var variant: String?
    /// The version of the operating system.
    public var osVersion: String?
    /// What the operating system must offer.
    public var osFeatures: [String]?
    /// What the processor must offer; reserved.
    public var features: [String]?

    /// Creates a platform.
    public init(
        os: String,
        architecture: String,
        variant: String? = nil,
        osVersion: String? = nil,
        osFeatures: [String]? = nil,
        features: [String]? = nil
    ) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
        self.osVersion = osVersion
        self.osFeatures = osFeatures
        self.features = features
    }

    /// Parses `os/arch[/variant][:osversion]`.
    ///
    /// An empty variant or version matches any, as in the original.
    ///
    /// - Throws: `PlatformError` when there are fewer than two or more than three parts, or one of the first two is empty.
    public init(_ text: String) throws(PlatformError) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = (halves.first ?? "").split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !text.contains(","), (2...3).contains(parts.count), !parts[0].isEmpty, !parts[1].isEmpty else {
            throw PlatformError(text: text)
        }
        self.init(
            os: parts[0],
            architecture: parts[1],
            variant: parts.count == 3 && !parts[2].isEmpty ? parts[2] : nil,
            osVersion: halves.count == 2 && !halves[1].isEmpty ? String(halves[1]) : nil
        )
    }

    /// Whether an image for this platform serves `wanted`: system and architecture are the same, so are variant and
    /// version where `wanted` says them; its features must all be there.
    public func satisfies(_ wanted: Platform) -> Bool {
        func agrees(_ mine: String?, _ theirs: String?) -> Bool {
            guard let theirs, !theirs.isEmpty else { return true }
            return mine == theirs
        }
        return architecture == wanted.architecture && os == wanted.os
            && agrees(variant, wanted.variant) && agrees(osVersion, wanted.osVersion)
            && Set(wanted.osFeatures ?? []).isSubset(of: osFeatures ?? [])
            && Set(wanted.features ?? []).isSubset(of: features ?? [])
    }

    /// Whether it is `unknown/unknown`, as indexes have it for attestations.
    public var isUnknown: Bool { os == "unknown" && architecture == "unknown" }
}

extension Platform: Codable {
    enum CodingKeys: String, CodingKey {
        case architecture, os, variant, features
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Decodes what an index says. The specification demands system and architecture; some indexes leave them out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        variant = try container.decodeIfPresent(String.self, forKey: .variant)
        osVersion = try container.decodeIfPresent(String.self, forKey: .osVersion)
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures)
        features = try container.decodeIfPresent([String].self, forKey: .features)
    }

    /// Encodes what is known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !architecture.isEmpty { try container.encode(architecture, forKey: .architecture) }
        if !os.isEmpty { try container.encode(os, forKey: .os) }
        try container.encodeIfPresent(variant, forKey: .variant)
        try container.encodeIfPresent(osVersion, forKey: .osVersion)
        try container.encodeIfPresent(osFeatures, forKey: .osFeatures)
        try container.encodeIfPresent(features, forKey: .features)
    }
}

extension Platform: CustomStringConvertible {
    /// `os/arch[/variant][:osversion]`; what is left out is `unknown`.
    public var description: String {
        let names = [os, architecture].map { $0.isEmpty ? "unknown" : $0 }
        return names.joined(separator: "/") + (variant.map { "/" + $0 } ?? "") + (osVersion.map { ":" + $0 } ?? "")
    }
}

/// The reason a string is not a valid platform.
public struct PlatformError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given.
    public let text: String

    /// What is wrong, with the text.
    public var description: String {
        if text.contains(",") { return "'\(text)' is not a platform but several; give each of them by itself" }
        return "'\(text)' is not a platform: it must be os/arch, os/arch/variant, either with :osversion after it, "
            + "such as linux/amd64 or linux/arm/v7"
    }
}
