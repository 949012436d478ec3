import Foundation

/// Calls Debian's Protocol Buffers compiler, the judge of our codec.
struct Protoc {
    /// Why a call gave nothing.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The repository, found from where this file stands.
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The schema's folder.
    static let schemaFolder = repository.appending(path: "docs/format")

    /// Binary to text.
    static func decode(_ message: String, _ bytes: [UInt8]) throws -> String {
        let output = try call(["--decode=daybook.v1.\(message)", "events.proto"], bytes)
        return String(decoding: output, as: UTF8.self)
    }

    /// Text to binary.
    static func encode(_ message: String, _ text: String) throws -> [UInt8] {
        try call(["--encode=daybook.v1.\(message)", "events.proto"], Array(text.utf8))
    }

    /// The schema as protoc understands it: a `google.protobuf.FileDescriptorSet`.
    static func descriptorSet() throws -> [UInt8] {
        try call(["--descriptor_set_out=/dev/stdout", "events.proto"], [])
    }

    private static func call(_ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "daybook-protoc-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files, not pipes: no call can then stop on a full one.
        let (inputFile, outputFile, errorFile) = (
            folder.appending(path: "in"), folder.appending(path: "out"),
            folder.appending(path: "err")
        )
        try Data(input).write(to: inputFile)
        try Data().write(to: outputFile)
        try Data().write(to: errorFile)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["protoc", "--proto_path=\(schemaFolder.path)"] + arguments
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
            throw Failure(
                description: "protoc \(arguments) ended with \(process.terminationStatus): "
                    + "\(said)(127 means that it is not installed: run `make setup`)")
        }
        return [UInt8](try Data(contentsOf: outputFile))
    }
}
