// swift-tools-version: 6.2
import PackageDescription

/// The program is one static file: it needs nothing of the system that it runs on, and starts faster. It isn't
/// independent of its position, as the C library refuses that of a static program with a search path for libraries, which
/// the package manager always gives. The named libraries are parts of Foundation that a static link doesn't find by itself;
/// `sections.ld` says what the program does without.
let selfContained: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-static-executable", "-Xlinker", "-T", "-Xlinker",
            "\(Context.packageDirectory)/Packaging/sections.ld",
            "-Xlinker", "-l_FoundationCShims", "-Xlinker", "-l_FoundationCollections", "-Xlinker", "-s",
        ],
        .when(platforms: [.linux])
    )
]

let algorithms = Target.Dependency.product(name: "Algorithms", package: "swift-algorithms")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")

let package = Package(
    name: "kbld",
    products: [
        .executable(name: "kbld", targets: ["kbld"]),
        // Digests, references, manifests, platforms: for whoever reads or writes what others send on.
        .library(name: "ContainerImage", targets: ["ContainerImage"]),
        // The protocols of sources and destinations, and trees of images: for stores of one's own.
        .library(name: "ImageStore", targets: ["ImageStore"]),
        // Copies between any of these stores under the same digests, with what is attached to images.
        .library(name: "ImageTransfer", targets: ["ImageTransfer"]),
        // Pulls from and pushes to registries. Its options have proxies and trusted authorities of HTTPTransport.
        .library(name: "RegistryClient", targets: ["HTTPTransport", "MirrorRouting", "RegistryClient"]),
        // A registry within a program, or within the process of a test.
        .library(name: "RegistryServer", targets: ["RegistryServer"]),
        // Images in files and folders: read, written, verified.
        .library(name: "Packages", targets: ["Compression", "Packages"]),
    ],
    dependencies: [
        // The distinct elements of a sequence.
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        // The command line: a command is a value.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // DER, of timestamps and of what certificates have in extensions.
        .package(url: "https://github.com/apple/swift-asn1", from: "1.6.0"),
        // Channels between a reader and several uploads.
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.0"),
        // Chains of certificates, at the time of a signature.
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        // SHA-256, constant-time comparison, signatures.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        // Requests and responses of the embedded registry.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Structured debug logs of the registry client.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        // Byte buffers and event loops.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // The handlers of the embedded registry's connections, which send files by the kernel alone.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        // Certificates to trust, and serving over TLS.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        // File descriptors and paths.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        // The embedded registry.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        // HTTP/1.1 with connection pools.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Credential helpers, builders and git as child processes.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: [
        // MARK: Values

        // Digests, references, manifests, platforms. No I/O.
        .target(name: "ContainerImage", dependencies: [crypto]),
        // YAML parsing: libyaml of the system. Packages for Swift either hide it, or bring all of Foundation with it.
        .systemLibrary(
            name: "CLibYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
        ),
        // YAML and JSON documents, read and printed as the original prints them.
        .target(name: "KubernetesYAML", dependencies: ["CLibYAML", "LibC"]),
        // kbld.k14s.io/v1alpha1 documents: search rules, overrides, sources, destinations, versions.
        .target(name: "KbldConfiguration", dependencies: ["ContainerImage", "KubernetesYAML", algorithms]),

        // Mirrors of images as the configuration files of what pulls them. No I/O.
        .target(name: "ClusterConfiguration", dependencies: ["ContainerImage", "KubernetesYAML"]),
        // The secretbox of NaCl: libsodium of the system. No package has XSalsa20.
        .systemLibrary(name: "CLibSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        // Keys, signatures of images, and the policies that ask for them. No I/O.
        .target(
            name: "Signatures",
            dependencies: [
                .target(name: "CLibSodium", condition: .when(platforms: [.linux])), "ContainerImage", "KubernetesYAML",
                crypto, cryptoExtras, swiftASN1, x509,
            ]
        ),

        // TOML parsing: toml++ of the system, behind functions of C. The package for Swift brings all of Foundation with it.
        .target(name: "CLibTOML"),
        // From where images are read: rules of flags, registries.conf and hosts.toml. No I/O.
        .target(name: "MirrorRouting", dependencies: ["CLibTOML", "ContainerImage"]),

        // MARK: Stores

        // Password hashes: libxcrypt of the system.
        .systemLibrary(name: "CLibCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        // The C library of the platform, under one name.
        .target(name: "LibC"),
        // Files that appear under their names only when they are whole.
        .target(name: "LocalFiles", dependencies: ["LibC", system]),
        // What gives and takes manifests and blobs, whatever holds them.
        .target(name: "ImageStore", dependencies: ["ContainerImage", algorithms, nioCore]),

        // zlib and libzstd of the system, for what is compressed.
        .systemLibrary(name: "CLibZ", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CLibZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        // gzip and zstd, piece by piece. No I/O.
        .target(name: "Compression", dependencies: ["CLibZ", "CLibZstd", nioCore]),

        // MARK: The registry client, packages, transfer, resolution

        // HTTP/1.1 to servers whose certificates are checked, by the proxies that the environment names.
        .target(
            name: "HTTPTransport",
            dependencies: ["LibC", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, system]
        ),
        // The distribution protocol, authentication and credentials.
        .target(
            name: "RegistryClient",
            dependencies: [
                "ContainerImage", "HTTPTransport", "ImageStore", "LibC", "MirrorRouting",
                asyncHTTPClient, log, nioCore, nioHTTP1, nioPosix, nioSSL, subprocess, system,
            ]
        ),
        // kbld's and imgpkg's tarballs, OCI layouts, docker save's tarballs: planned, written, read, verified.
        .target(
            name: "Packages",
            dependencies: [
                "Compression", "ContainerImage", "ImageStore", "LibC", "LocalFiles", algorithms, nioCore, nioPosix,
                system,
            ]
        ),
        // Images go from one store to others under the same digests, with what is attached to them.
        .target(
            name: "ImageTransfer",
            dependencies: ["ContainerImage", "ImageStore", algorithms, asyncAlgorithms, nioCore]
        ),
        // References are found in documents and become digests.
        .target(
            name: "Resolution",
            dependencies: ["ContainerImage", "ImageStore", "KbldConfiguration", "KubernetesYAML", algorithms]
        ),
        // References in the files that people write, each with its bytes; edits that change nothing else.
        .target(
            name: "SourceReferences",
            dependencies: ["ContainerImage", "KbldConfiguration", "KubernetesYAML", "Resolution"]
        ),
        // Images are built from sources by the programs that people have.
        .target(name: "ImageBuild", dependencies: ["ContainerImage", "KbldConfiguration", "LibC", subprocess, system]),
        // The documents behind the -f flags: files, folders, standard input, addresses.
        .target(
            name: "DocumentInput",
            dependencies: [
                "Compression", "ContainerImage", "HTTPTransport", "KbldConfiguration", "KubernetesYAML", "LibC",
                asyncHTTPClient, nioCore, nioHTTP1, system,
            ]
        ),

        // MARK: What people see

        // Text in HTML pages; how far a transfer is, in words.
        .target(name: "Presentation", dependencies: ["ContainerImage", "ImageStore"]),
        // Where the bytes of images are, what differs between sets of them, as tables, JSON and a page.
        .target(name: "PackageReport", dependencies: ["ContainerImage", "ImageStore", "Presentation", algorithms]),
        // What is wrong with references, by rules with stable names, in the formats of those who show findings.
        .target(
            name: "ReferenceChecks",
            dependencies: ["CLibZ", "ContainerImage", "ImageStore", "KbldConfiguration", "Presentation"]
        ),
        // What a registry is to have of others, as files say it, and what is to be done for that.
        .target(
            name: "RegistryMirroring",
            dependencies: [
                "ContainerImage", "ImageStore", "ImageTransfer", "KbldConfiguration", "KubernetesYAML",
                "ReferenceChecks",
            ]
        ),
        // A registry of our own: packages as they lie in their files, in memory or in a folder.
        .target(
            name: "RegistryServer",
            dependencies: [
                .target(name: "CLibCrypt", condition: .when(platforms: [.linux])), "ContainerImage", "ImageStore",
                "LibC", "LocalFiles", "Packages", "Presentation",
                httpTypes, hummingbirdCore, hummingbirdTLS, log,
                nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix, nioSSL, system,
            ]
        ),

        // The files of images: layers, decompressed and one laid over the other.
        .target(
            name: "ImageFiles",
            dependencies: ["Compression", "ContainerImage", "ImageStore", "LibC", "Packages", nioCore, system]
        ),

        // MARK: The work

        // What the commands do, without flags: documents, packages, registries put together.
        .target(
            name: "KbldWorkflows",
            dependencies: [
                "ClusterConfiguration", "Compression", "ContainerImage", "DocumentInput", "HTTPTransport", "ImageBuild",
                "ImageFiles", "ImageStore", "ImageTransfer", "KbldConfiguration", "KubernetesYAML", "LibC",
                "LocalFiles",
                "MirrorRouting", "PackageReport", "Packages", "ReferenceChecks", "RegistryClient", "RegistryMirroring",
                "RegistryServer", "Resolution", "Signatures", "SourceReferences",
                algorithms, log, nioCore, subprocess, system,
            ]
        ),

        // MARK: The program

        // Arguments as programs in Go take them, in the form of the argument parser.
        .target(name: "CommandLineSyntax", dependencies: ["ContainerImage", "DocumentInput"]),
        // What the kernel gave the process at its start.
        .target(name: "CProcessStart"),
        // The command line.
        .executableTarget(
            name: "kbld",
            dependencies: [
                "CProcessStart", "ClusterConfiguration", "CommandLineSyntax", "Compression", "ContainerImage",
                "DocumentInput",
                "ImageFiles", "ImageStore", "ImageTransfer", "KbldConfiguration", "KbldWorkflows", "KubernetesYAML",
                "LibC", "LocalFiles", "PackageReport", "Packages", "Presentation", "ReferenceChecks", "RegistryClient",
                "RegistryMirroring", "RegistryServer",
                "SourceReferences", argumentParser, log, nioCore, system,
            ],
            linkerSettings: selfContained,
            plugins: ["BuildCommit"]
        ),
        // The commit that is built, for `kbld version`.
        .plugin(name: "BuildCommit", capability: .buildTool()),

        // MARK: Examples

        // What programs of others do with the libraries: they see what is public, and nothing else.
        .executableTarget(
            name: "CopyImage",
            dependencies: ["ContainerImage", "ImageStore", "ImageTransfer", "RegistryClient"],
            path: "Examples/CopyImage",
            packageAccess: false
        ),
        .executableTarget(
            name: "PackImages",
            dependencies: ["ContainerImage", "ImageStore", "Packages", "RegistryClient"],
            path: "Examples/PackImages",
            packageAccess: false
        ),
        .executableTarget(
            name: "RegistryInTest",
            dependencies: ["ContainerImage", "ImageStore", "RegistryClient", "RegistryServer"],
            path: "Examples/RegistryInTest",
            packageAccess: false
        ),

        // MARK: Tests

        .testTarget(name: "ContainerImageTests", dependencies: ["ContainerImage", "TestSupport"]),
        .testTarget(name: "KubernetesYAMLTests", dependencies: ["KubernetesYAML"]),
        .testTarget(
            name: "SignaturesTests",
            dependencies: ["ContainerImage", "Signatures"],
            exclude: ["make_certificates.py", "make_fixtures.py"]
        ),
        .testTarget(
            name: "KbldConfigurationTests",
            dependencies: ["ContainerImage", "KbldConfiguration", "KubernetesYAML"]
        ),
        .testTarget(
            name: "ClusterConfigurationTests",
            dependencies: ["ClusterConfiguration", "ContainerImage", "KubernetesYAML"]
        ),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", nioCore]),
        .testTarget(name: "MirrorRoutingTests", dependencies: ["ContainerImage", "MirrorRouting"]),
        .testTarget(name: "ImageStoreTests", dependencies: ["ContainerImage", "ImageStore", "TestSupport", nioCore]),
        .testTarget(
            name: "HTTPTransportTests",
            dependencies: [
                "HTTPTransport", "LibC", "LoopbackServer", "TestSupport", asyncHTTPClient, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ]
        ),
        .testTarget(
            name: "RegistryClientTests",
            dependencies: [
                "ContainerImage", "ImageStore", "ImageTransfer", "LoopbackServer", "MirrorRouting", "RegistryClient",
                "RegistryServer", "TestSupport", httpTypes, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1,
                nioPosix,
            ]
        ),
        .testTarget(
            name: "PackagesTests",
            dependencies: [
                "Compression", "ContainerImage", "ImageStore", "LibC", "LocalFiles", "Packages", "TestSupport", nioCore,
            ]
        ),
        .testTarget(
            name: "ResolutionTests",
            dependencies: [
                "ContainerImage", "ImageStore", "KbldConfiguration", "KubernetesYAML", "Resolution", "TestSupport",
            ]
        ),
        .testTarget(
            name: "SourceReferencesTests",
            dependencies: ["ContainerImage", "KbldConfiguration", "SourceReferences"]
        ),
        .testTarget(name: "LocalFilesTests", dependencies: ["LibC", "LocalFiles", "TestSupport", system]),
        .testTarget(
            name: "DocumentInputTests",
            dependencies: [
                "ContainerImage", "DocumentInput", "HTTPTransport", "KbldConfiguration", "KubernetesYAML", "LibC",
                "LoopbackServer", "TestSupport",
            ]
        ),
        .testTarget(
            name: "ImageBuildTests",
            dependencies: ["ContainerImage", "ImageBuild", "KbldConfiguration", "TestSupport"]
        ),
        .testTarget(
            name: "ImageFilesTests",
            dependencies: ["Compression", "ContainerImage", "ImageFiles", "ImageStore", "LibC", "TestSupport", nioCore]
        ),
        .testTarget(name: "PresentationTests", dependencies: ["ContainerImage", "ImageStore", "Presentation"]),
        .testTarget(
            name: "PackageReportTests",
            dependencies: ["ContainerImage", "ImageStore", "PackageReport", "TestSupport"]
        ),
        .testTarget(
            name: "ReferenceChecksTests",
            dependencies: ["ContainerImage", "ImageStore", "KbldConfiguration", "ReferenceChecks", "TestSupport"]
        ),
        .testTarget(
            name: "RegistryMirroringTests",
            dependencies: [
                "ContainerImage", "ImageTransfer", "KbldConfiguration", "KubernetesYAML", "ReferenceChecks",
                "RegistryMirroring", "TestSupport",
            ]
        ),
        // Registries and images in memory, for tests that take milliseconds.
        .target(
            name: "TestSupport",
            dependencies: ["ContainerImage", "ImageStore", nioCore],
            path: "Tests/TestSupport"
        ),
        .testTarget(
            name: "ImageTransferTests",
            dependencies: ["ContainerImage", "ImageStore", "ImageTransfer", "TestSupport", nioCore]
        ),
        .testTarget(
            name: "KbldWorkflowsTests",
            dependencies: [
                "ClusterConfiguration", "ContainerImage", "DocumentInput", "ImageStore", "ImageTransfer",
                "KbldConfiguration", "KbldWorkflows", "KubernetesYAML", "LibC", "PackageReport", "Packages",
                "ReferenceChecks", "RegistryMirroring", "RegistryServer", "Signatures", "TestSupport", crypto, nioCore,
            ]
        ),
        .testTarget(name: "CommandLineSyntaxTests", dependencies: ["CommandLineSyntax", "DocumentInput"]),
        // The embedded registry in the process of its tests, and connections that send it anything.
        .target(
            name: "LoopbackServer",
            dependencies: ["ContainerImage", "RegistryServer", crypto, nioCore, nioPosix, nioSSL],
            path: "Tests/LoopbackServer"
        ),
        .testTarget(
            name: "RegistryServerTests",
            dependencies: [
                "ContainerImage", "ImageStore", "LibC", "LoopbackServer", "Packages", "RegistryServer", "TestSupport",
                nioCore, nioPosix,
            ]
        ),
        // Parsers get whatever a generator makes of what they know.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Compression", "ContainerImage", "HTTPTransport", "ImageStore", "LibC", "LoopbackServer", "Packages",
                "RegistryClient", "RegistryServer", "Signatures", "TestSupport", nioCore,
            ]
        ),
        // The examples, with registries in the process of the tests.
        .testTarget(
            name: "ExamplesTests",
            dependencies: [
                "ContainerImage", "CopyImage", "ImageStore", "PackImages", "RegistryClient", "RegistryInTest",
                "RegistryServer", "TestSupport",
            ]
        ),
        // Arrows between the targets, and what each may know: read from the sources.
        .testTarget(name: "ArchitectureTests"),
        // The real program against real registries and tools.
        .testTarget(name: "IntegrationTests", dependencies: ["LibC", subprocess, system], exclude: ["Scripts"]),
    ],
    cxxLanguageStandard: .cxx17
)

// Swift 6 mode is strict about concurrency already.
for target in package.targets
where ![.plugin, .system].contains(target.type) && !["CLibTOML", "CProcessStart"].contains(target.name) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}

// Called once in a run, and large: their size counts, not their speed. No library's product has them.
let small: Set = [
    "ClusterConfiguration", "CommandLineSyntax", "ImageBuild", "ImageFiles", "KbldWorkflows", "PackageReport",
    "ReferenceChecks", "RegistryMirroring",
    "SourceReferences", "kbld",
]
for target in package.targets where small.contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-Osize"], .when(configuration: .release)))
}
