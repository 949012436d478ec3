import ArgumentParser
import EventLog
import Foundation

/// `daybook prove`: a proof that stands alone.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Write a proof that one record is in the log, which stands alone.",
        discussion: """
            The proof (C2SP tlog-proof) names the record's sequence, the path through the tree and \
            a signed checkpoint. With the record's bytes and the log's verifier key anyone can \
            check it: daybook verify FILE --record RECORD --key VKEY.

            EXAMPLE
              daybook prove --data data --sequence 1234 --out 1234.proof --record 1234.record
            """)

    @OptionGroup var data: DataOption

    @Option(help: "The record's sequence.")
    var sequence: UInt64

    @Option(help: "The file for the proof; it must not exist.")
    var out: String

    @Option(help: "A file for the record's bytes; it must not exist.")
    var record: String?

    @Option(help: "The tree size of the stored checkpoint to use; the newest one without it.")
    var checkpoint: UInt64?

    func run() async throws {
        _ = try data.open()
        for path in [out, record].compactMap(\.self)
        where FileManager.default.fileExists(atPath: path) {
            throw CommandFailure.no("\(path) stands already; nothing was written. Name another")
        }
        let proof = try LogProver.prove(
            folder: data.path, disk: RealDisk(), sequence: SequenceNumber(sequence),
            checkpointSize: checkpoint)
        try Data(proof.file.bytes).write(
            to: URL(fileURLWithPath: out), options: .withoutOverwriting)
        if let record {
            try Data(proof.record).write(
                to: URL(fileURLWithPath: record), options: .withoutOverwriting)
        }
        for remark in proof.remarks { ErrorOutput.line("daybook: \(remark)") }
        var output = Output()
        try output.line(
            "record \(sequence) is in the tree of \(proof.file.checkpoint.checkpoint.size) records "
                + "of \(proof.file.checkpoint.checkpoint.origin)")
        try output.finish()
    }
}

/// `daybook log tiles`: the log as other programs read it.
struct LogTilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tiles",
        abstract: "Write the static C2SP tlog-tiles tree: checkpoint, tiles and entry bundles.",
        discussion: """
            Run again after a later checkpoint it extends the tree. Clients of transparency logs \
            read it from any web server.

            EXAMPLE
              daybook log tiles --data data --out public
            """)

    @OptionGroup var data: DataOption

    @Option(help: "The folder to write to; made where there is none.")
    var out: String

    @Option(help: "The tree size of the stored checkpoint to use; the newest one without it.")
    var checkpoint: UInt64?

    func run() async throws {
        _ = try data.open()
        let line = ProgressLine(isWanted: true)
        let done = try StaticTiles.write(
            folder: data.path, disk: RealDisk(), out: out, checkpointSize: checkpoint
        ) { progress in
            line.show("\(progress.recordCount) of \(progress.treeSize) records")
        }
        line.clear()
        for remark in done.remarks { ErrorOutput.line("daybook: \(remark)") }
        var output = Output()
        try output.line(
            "\(out): a tree of \(done.treeSize) records, \(done.writtenCount) files written, "
                + "\(done.unchangedCount) there already")
        try output.finish()
    }
}

/// `daybook log cosign`: a witness's word for a stored checkpoint.
struct LogCosignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cosign",
        abstract: "Add witnesses' cosignatures to a stored checkpoint.",
        discussion: """
            The file is what a witness answered: a signed note, or its signature lines alone. \
            Nothing is added unless every line is a valid cosignature of that checkpoint by a \
            witness that was given.

            EXAMPLE
              daybook log cosign --data data --checkpoint 1200 --file answer --witness w1.vkey
            """)

    @Option(name: .customLong("data"), help: "The data folder.")
    var path: String

    @Option(help: "The tree size of the checkpoint.")
    var checkpoint: UInt64

    @Option(help: "The file with the cosignatures.")
    var file: String

    @Option(help: "A verifier key of a witness, or a file with one a line; may be given again.")
    var witness: [String]

    func run() async throws {
        let witnesses = try VerifierKeys.read(witness, kind: .witness)
        let store = CheckpointStore(folder: path, disk: RealDisk())
        var note = try store.note(size: checkpoint)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        guard bytes.count <= SignedNote.byteCountMax else {
            throw CommandFailure.no("\(file) is larger than a note can be")
        }
        let text = Array(bytes)
        let isNote = text.starts(with: Array("\(note.checkpoint.origin)\n".utf8))
        var signatures =
            isNote
            ? try SignedNote.parse(text).signatures : try NoteSignature.parseLines(text)
        if isNote { signatures.removeAll { note.note.signatures.contains($0) } }
        let count = try note.addCosignatures(signatures, witnesses: witnesses)
        if count > 0 { try store.replace(with: note) }
        var output = Output()
        try output.line("\(count) cosignatures added to \(store.path(size: checkpoint))")
        try output.finish()
    }
}
