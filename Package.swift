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

let package = Package(
    name: "daybook",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .target(name: "CChecksum"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CStatfs"),
        .target(
            name: "EventLog",
            dependencies: [
                "CChecksum", "CLZ4", "CStatfs",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: inPlace),
        .target(name: "Events", swiftSettings: inPlace),
        .target(name: "Timetable", swiftSettings: strict),
        .target(
            name: "Projections",
            dependencies: ["Events", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: inPlace),
        .target(
            name: "Engine",
            dependencies: [
                "EventLog", "Events", "Timetable", "Projections",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "DaybookTestSupport", dependencies: ["EventLog"],
            path: "Tests/DaybookTestSupport", swiftSettings: strict),
        .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(name: "TimetableTests", dependencies: ["Timetable"], swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "EventLog", "Events", "Projections", "Timetable", "DaybookTestSupport",
            ],
            swiftSettings: strict),
    ]
)
