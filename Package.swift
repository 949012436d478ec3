// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 language mode, warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

/// The modules that read bytes in place: spans of our own need `Lifetimes`, and every unsafe
/// expression must say `unsafe` and why.
let inPlace: [SwiftSetting] =
    strict + [
        .strictMemorySafety(),
        .enableExperimentalFeature("Lifetimes"),
    ]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

// `DAYBOOK_SLICE=log` leaves the log and its tests alone: what the mutants build, again and again.
// `DAYBOOK_SLICE=state` adds what decides and replays, without server and commands.
// `timetable` and `x12` are those modules, which stand alone.
let logSlice: Set<String> = [
    "CChecksum", "CLZ4", "COpenSSL", "CStatfs", "EventLog", "Events", "Projections", "Replay",
    "DaybookTestSupport", "EventLogTests",
]
let stateSlice = logSlice.union([
    "CBench", "CFiles", "CIcal", "CMail", "Timetable", "X12", "Engine", "Exchange", "Bench",
    "target-helper", "EventsTests", "TimetableTests", "ProjectionsTests", "EngineTests",
    "ReplayTests",
])
let slices: [String: Set<String>] = [
    "log": logSlice,
    "state": stateSlice,
    "timetable": ["CIcal", "Timetable", "TimetableTests"],
    "x12": ["X12", "X12Tests"],
]
let slice = Context.environment["DAYBOOK_SLICE"].flatMap { slices[$0] }

let package = Package(
    name: "daybook",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // C: the shims of checksums and mail are ours; LZ4, OpenSSL, libical, libcurl and statfs
        // are Debian's.
        .target(name: "CChecksum"),
        .target(name: "CBench", dependencies: ["CChecksum", "CLZ4", "COpenSSL"]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CStatfs"),
        .systemLibrary(name: "CFiles"),
        .target(name: "CMail", linkerSettings: [.linkedLibrary("curl")]),
        .systemLibrary(name: "CIcal", pkgConfig: "libical", providers: [.apt(["libical-dev"])]),

        // The modules, top-down as in docs/architecture.md: each imports only what stands above.
        .target(
            name: "EventLog",
            dependencies: ["CChecksum", "CLZ4", "COpenSSL", "CStatfs", crypto, system],
            swiftSettings: inPlace),
        .target(name: "Events", swiftSettings: inPlace),
        .target(name: "Timetable", dependencies: ["CIcal"], swiftSettings: strict),
        .target(name: "X12", swiftSettings: inPlace),
        .target(
            name: "Projections", dependencies: ["EventLog", "Events", crypto],
            swiftSettings: inPlace),
        .target(
            name: "DaybookConfiguration",
            dependencies: [
                "Events", "Timetable", "X12", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: [
                "CMail", "EventLog", "Events", "Timetable", "X12", "Projections", crypto, system,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .target(
            name: "Exchange",
            dependencies: [
                "CFiles", "Engine", "EventLog", "Events", "Projections", "Timetable", "X12", crypto,
                system,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Replay", dependencies: ["EventLog", "Events", "Projections", crypto],
            swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "DaybookConfiguration", "Engine", "EventLog", "Events", "Exchange", "Projections",
                "Replay", "Timetable", "X12", crypto,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "Bench",
            dependencies: [
                "CBench", "CFiles", "EventLog", "Events", "Timetable", "Projections", "Engine",
                "Exchange", "Replay", "X12", crypto, system,
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "Bench", "DaybookConfiguration", "Engine", "EventLog", "Events", "Exchange",
                "Projections", "Replay", "Server", "Timetable", "X12",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: strict),

        // Tests: a folder for each module, and what several of them share.
        .target(
            name: "DaybookTestSupport",
            dependencies: ["EventLog", "Events", "Projections", system],
            path: "Tests/DaybookTestSupport", swiftSettings: strict),
        .executableTarget(
            name: "target-helper", dependencies: ["Engine", "Events", system],
            path: "Tests/TargetHelper", swiftSettings: strict),
        .testTarget(
            name: "EventLogTests",
            dependencies: ["EventLog", "Replay", "DaybookTestSupport", "CChecksum"],
            swiftSettings: strict),
        .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: strict),
        .testTarget(name: "TimetableTests", dependencies: ["Timetable"], swiftSettings: strict),
        .testTarget(
            name: "ExchangeTests",
            dependencies: [
                "DaybookTestSupport", "Engine", "EventLog", "Events", "Exchange", "Projections",
                "Timetable", "X12", crypto, system,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "X12Tests", dependencies: ["X12"], swiftSettings: strict),
        .testTarget(
            name: "DaybookConfigurationTests",
            dependencies: ["DaybookConfiguration", "Events", "Exchange", "Timetable", "X12"],
            swiftSettings: strict),
        .testTarget(
            name: "ProjectionsTests",
            dependencies: [
                "Bench", "DaybookTestSupport", "Engine", "EventLog", "Events", "Projections",
                "Timetable",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "DaybookTestSupport", "Engine", "EventLog", "Events", "Projections", "Timetable",
                "target-helper", crypto, system,
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReplayTests",
            dependencies: [
                "Bench", "DaybookTestSupport", "Engine", "EventLog", "Events", "Projections",
                "Replay", "Timetable",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "daybook", "Bench", "DaybookConfiguration", "DaybookTestSupport", "Engine",
                "EventLog", "Events", "Projections", "Replay", "Server", "Timetable",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "daybook", "DaybookTestSupport", "EventLog", "Events", "Projections", crypto,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)

if let slice {
    package.targets.removeAll { !slice.contains($0.name) }
    if slice == logSlice {
        package.dependencies = [
            .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
            .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        ]
    }
    if slice.isDisjoint(with: ["EventLog"]) { package.dependencies = [] }
}
