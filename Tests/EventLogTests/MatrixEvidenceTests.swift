import DaybookTestSupport
import EventLog
import Testing

/// Calls that read fail in turn: nothing wrong is read, and nothing that is gone is overlooked.
@Suite struct MatrixEvidenceTests {
    /// A log that lost something, of which one thing alone still speaks.
    enum Witness: String, CaseIterable {
        case checkpoint, sealedForm, index, sealedBefore
    }

    private func lossy(_ witness: Witness) throws -> SimulatedDisk {
        let sample = try MatrixSample(isClosed: true)
        let disk = sample.disk
        let (last, _) = try sample.last()
        let previous = try #require(sample.paths(".log").first)
        let name = SequenceNumber(try #require(UInt64(previous.dropFirst(10).prefix(20))))
        switch witness {
        case .checkpoint:
            let head = try LogFixture.open(disk.copy(), MatrixSample.configuration).close()
            let signer = try NoteFixture.logSigner()
            let store = CheckpointStore(folder: LogFixture.folder, disk: disk)
            try store.addKey(signer.verifierKey)
            let checkpoint = Checkpoint(
                origin: try KeyName(NoteFixture.origin), size: head.size, root: head.root)
            try store.add(CheckpointNote(checkpoint, signer: signer))
        case .sealedForm, .index, .sealedBefore:
            let active = try #require(disk.contents(of: previous))
            _ = try LogFixture.sealing(name, disk).run()
            if witness != .sealedForm { disk.erase(LogFixture.path(name, ".idx")) }
            if witness == .index {
                _ = try SegmentIndex.renew(
                    name, folder: LogFixture.folder, disk: disk, vocabulary: TestVocabulary())
                disk.erase(LogFixture.path(name, ".lz4"))
            }
            if witness == .sealedForm { disk.erase(LogFixture.path(name, ".idx")) }
            if witness != .sealedBefore { disk.setContents(of: previous, active) }
        }
        disk.erase(last)
        return disk.copy()
    }

    @Test(
        "a loss that one thing speaks of is never overlooked, whichever call fails",
        arguments: Witness.allCases)
    func everyCall(witness: Witness) throws {
        let lossy = try lossy(witness)
        for mode in SimulatedDisk.FailureMode.allCases {
            var call = 0
            var reached = true
            while reached {
                // Call 0 is none: it is refused then too.
                let disk = lossy.copy()
                if call > 0 { disk.failCall(call, mode) }
                do throws(EventLogError) {
                    try LogFixture.open(disk, MatrixSample.configuration).close()
                    Issue.record("\(witness), call \(call), \(mode): it was opened")
                } catch {
                    let isRefused = error.code == .damaged || error.code == .foreignOrMissing
                    let isOfCall = call > 0 && error.isFailureOfCall
                    #expect(isRefused || isOfCall, "\(witness), call \(call), \(mode): \(error)")
                }
                reached = call == 0 || disk.callCount >= call
                call += 1
            }
            #expect(call > 10)
        }
    }

    @Test("whichever call of reading fails, the records before it are true, and an error says so")
    func everyRead() throws {
        let sample = try MatrixSample(isClosed: true)
        for (trust, mode) in [
            (.everything, .before), (.everything, .after), (.provedDurable, .before),
        ] as [(LogReader.Trust, SimulatedDisk.FailureMode)] {
            var call = 1
            var reached = true
            while reached {
                let disk = sample.disk.copy()
                disk.failCall(call, mode)
                let (found, error) = MatrixSample.read(disk, trust)
                reached = disk.callCount >= call
                let isTrue = found.elementsEqual(sample.records.prefix(found.count))
                #expect(isTrue, "call \(call)")
                // A call that fails in any case, such as opening the other form, fails no more.
                let isHarmless = mode == .after && found == sample.records
                let isSaid = error?.isFailureOfCall ?? false
                #expect(isSaid == reached || isHarmless, "call \(call): \(error as Any)")
                if !reached { #expect(found == sample.records) }
                call += 1
            }
            #expect(call > 10)
        }
    }
}
