import ArgumentParser
import EventLog
import Foundation

/// `daybook log key`: a new key for checkpoints.
struct LogKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make a key that signs checkpoints of a log.",
        discussion: """
            Writes the secret key to a new file that only its owner can read, and prints the \
            verifier key, which auditors get. Name the file as a secret in daybook.yaml, and the \
            secret as checkpointKey. The name is the log's origin for ever: a key that takes the \
            place of another has the same name.

            EXAMPLE
              daybook log key --name daybook.example/audit --out keys/checkpoint.key
            """)

    @Option(help: "The key's name, and the log's origin; without it a random one is made.")
    var name: String?

    @Option(help: "The file for the secret key; it must not exist.")
    var out: String

    /// A name that no other log has.
    static func randomName() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = String(generator.next() as UInt64, radix: 16)
        return "daybook.invalid/" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    func run() async throws {
        let signer = try NoteSigner.generate(name: KeyName(name ?? Self.randomName()))
        let text = Array((signer.secretText + "\n").utf8)
        let fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard fd >= 0 else {
            throw CommandFailure.no(
                "\(out) cannot be made: \(String(cString: strerror(errno))). "
                    + "Name a file that does not exist, in a folder that you may write to.")
        }
        let file = FileHandle(fileDescriptor: fd, closeOnDealloc: true)
        do {
            try file.write(contentsOf: text)
            try file.synchronize()
        } catch {
            unlink(out)
            throw error
        }
        var output = Output()
        try output.line(signer.verifierKey.text)
        try output.finish()
    }
}
