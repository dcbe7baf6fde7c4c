// swift-tools-version: 6.2
import PackageDescription

/// Set once for every target: Swift 6 mode is strict about concurrency already.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The program carries Swift's libraries in itself: it starts faster, and runs where no Swift is installed. The
/// named ones are parts of Foundation that a static link doesn't find by itself. Nothing is exported: the dynamic linker
/// would look at each name.
let selfContained: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib", "-Xlinker", "-lCoreFoundation", "-Xlinker", "-l_FoundationICU",
            "-Xlinker", "-l_FoundationCShims", "-Xlinker", "-l_FoundationCollections",
            "-Xlinker", "--gc-sections", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-s",
        ],
        .when(platforms: [.linux])
    )
]

let package = Package(
    name: "kbld",
    products: [
        .executable(name: "kbld", targets: ["kbld"])
    ],
    dependencies: [
        // The command line: a command is a value.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // Channels between a reader and several uploads.
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.0"),
        // SHA-256 and constant-time comparison.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        // Requests and responses of the embedded registry.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Structured debug logs of the registry client.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        // Byte buffers and event loops.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // The handlers of the embedded registry's connections, which send files by the kernel alone; what goes wrong
        // with compressed documents.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        // Certificates to trust, and serving over TLS.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        // File descriptors and paths.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        // The embedded registry.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        // YAML parsing.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        // HTTP/1.1 with connection pools.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Credential helpers, builders and git as child processes.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: [
        // Files that appear under their names only when they are whole.
        .target(
            name: "AtomicFile",
            dependencies: [.product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings
        ),
        // What the kernel gave the process at its start.
        .target(name: "CProcessStart"),
        // Values: digests, references, manifests. No I/O.
        .target(
            name: "ContainerImage",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        // What gives and takes manifests and blobs, whatever holds them.
        .target(
            name: "ImageStore",
            dependencies: [
                "ContainerImage",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // YAML and JSON documents, read and printed as the original prints them.
        .target(name: "ManifestYAML", dependencies: ["Yams"], swiftSettings: settings),
        // kbld.k14s.io/v1alpha1 documents: search rules, overrides, sources, destinations.
        .target(name: "KbldConfiguration", dependencies: ["ContainerImage", "ManifestYAML"], swiftSettings: settings),
        // Finds and replaces image references in documents.
        .target(name: "ReferenceSearch", dependencies: ["KbldConfiguration", "ManifestYAML"], swiftSettings: settings),
        // HTTP/1.1 to servers whose certificates are checked, by the proxies that the environment names.
        .target(
            name: "HTTPTransport",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // The distribution protocol, authentication and credentials.
        .target(
            name: "RegistryClient",
            dependencies: [
                "ContainerImage",
                "HTTPTransport",
                "ImageStore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // A registry of our own: packages as they lie in their files, in memory or in a folder.
        .target(
            name: "RegistryServer",
            dependencies: [
                "AtomicFile",
                "ContainerImage",
                "HTMLText",
                "ImageStore",
                "PackageArchive",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // The package tarball: plan, writer, reader.
        .target(
            name: "PackageArchive",
            dependencies: [
                "AtomicFile",
                "ContainerImage",
                "ImageStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // References become digests; documents are annotated with where those came from.
        .target(
            name: "Resolution",
            dependencies: [
                "ContainerImage",
                "ImageStore",
                "KbldConfiguration",
                "ManifestYAML",
                "ReferenceSearch",
                "RegistryClient",
            ],
            swiftSettings: settings
        ),
        // What comes along with images: referrers, signatures; and indexes with fewer platforms.
        .target(
            name: "ImageCompanions",
            dependencies: ["ContainerImage", "ImageStore", "RegistryClient"],
            swiftSettings: settings
        ),
        // Images are built from sources by the programs that people have.
        .target(
            name: "ImageBuild",
            dependencies: [
                "ContainerImage",
                "KbldConfiguration",
                "Resolution",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // Text in pages for people.
        .target(name: "HTMLText", swiftSettings: settings),
        // Where the bytes of images are, what differs between sets of them, as tables, JSON and a page.
        .target(
            name: "PackageReport",
            dependencies: ["ContainerImage", "HTMLText", "ImageStore"],
            swiftSettings: settings
        ),
        // The documents behind the -f flags: files, folders, standard input, addresses.
        .target(
            name: "ManifestInput",
            dependencies: [
                "HTTPTransport",
                "KbldConfiguration",
                "ManifestYAML",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // Packages of other formats, recognised by content: OCI layouts and archives, docker save's tarballs.
        .target(
            name: "ImageLayout",
            dependencies: [
                "AtomicFile",
                "ContainerImage",
                "ImageStore",
                "PackageArchive",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // Images go from one store to another under the same digests.
        .target(
            name: "Relocation",
            dependencies: [
                "ContainerImage",
                "ImageStore",
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // How far a transfer is, in words: rates, bars, lines.
        .target(name: "TransferDisplay", dependencies: ["ContainerImage", "ImageStore"], swiftSettings: settings),
        // Whether a repository holds all of some images.
        .target(
            name: "Verification",
            dependencies: ["ContainerImage", "ImageStore", "PackageArchive", "RegistryClient"],
            swiftSettings: settings
        ),
        // The command line.
        .executableTarget(
            name: "kbld",
            dependencies: [
                "AtomicFile",
                "CProcessStart",
                "KbldConfiguration",
                "ContainerImage",
                "HTTPTransport",
                "ImageBuild",
                "ImageCompanions",
                "ImageLayout",
                "ImageStore",
                "ManifestInput",
                "ManifestYAML",
                "PackageArchive",
                "PackageReport",
                "RegistryClient",
                "RegistryServer",
                "Relocation",
                "Resolution",
                "TransferDisplay",
                "Verification",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings,
            linkerSettings: selfContained
        ),
        .testTarget(name: "ContainerImageTests", dependencies: ["ContainerImage"], swiftSettings: settings),
        .testTarget(
            name: "ImageStoreTests",
            dependencies: ["ContainerImage", "ImageStore", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings
        ),
        .testTarget(name: "ManifestYAMLTests", dependencies: ["ManifestYAML"], swiftSettings: settings),
        .testTarget(
            name: "PackageArchiveTests",
            dependencies: [
                "AtomicFile",
                "ContainerImage",
                "ImageStore",
                "PackageArchive",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ImageLayoutTests",
            dependencies: ["ContainerImage", "ImageLayout", "ImageStore", "PackageArchive"],
            swiftSettings: settings
        ),
        // The embedded registry in the process of its tests, and connections that send it anything.
        .target(
            name: "LoopbackServer",
            dependencies: [
                "RegistryServer",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/LoopbackServer",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RegistryServerTests",
            dependencies: [
                "ContainerImage",
                "ImageStore",
                "LoopbackServer",
                "PackageArchive",
                "RegistryServer",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "HTTPTransportTests", dependencies: ["HTTPTransport"], swiftSettings: settings),
        // A registry in the process of its tests that answers as they like.
        .testTarget(
            name: "RegistryClientTests",
            dependencies: [
                "ContainerImage",
                "ImageCompanions",
                "ImageStore",
                "RegistryClient",
                "Relocation",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // Parsers get whatever a generator makes of what they know.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "ContainerImage", "HTTPTransport", "ImageStore", "LoopbackServer", "PackageArchive", "RegistryClient",
                "RegistryServer",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PackageReportTests",
            dependencies: ["ContainerImage", "ImageStore", "PackageReport"],
            swiftSettings: settings
        ),
        // The real program against real registries and tools.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: [
                "asking_server.py", "counting_connections.py", "counting_registry.py", "fault_proxy.py",
                "large_blob.py", "odd_registry.py", "peak_memory.py",
                "proxy.py", "push_companions.py", "registry_conformance.py", "slow_registry.py", "terminal.py",
                "token_registry.py", "yaml_round_trip.py",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TransferDisplayTests",
            dependencies: ["ContainerImage", "ImageStore", "TransferDisplay"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "KbldConfigurationTests",
            dependencies: ["ContainerImage", "KbldConfiguration", "ManifestYAML"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ReferenceSearchTests",
            dependencies: ["KbldConfiguration", "ManifestYAML", "ReferenceSearch"],
            swiftSettings: settings
        ),
    ]
)
