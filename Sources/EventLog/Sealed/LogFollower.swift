import Synchronization

/// Follows a log: knows its segments, and has what is not sealed indexed in memory as far as it was
/// read.
///
/// Shared by those who search the same log at the same time, so that each record is read and
/// indexed once. They wait for one another while it reads on, and then search what they were given.
final class LogFollower: Sendable {
    private let paths: LogPaths
    private let disk: any Disk
    private let vocabulary: any RecordVocabulary
    private let trust: LogReader.Trust
    private let state = Mutex(State())

    /// A segment's sequences.
    struct Place: Sendable, Hashable {
        let first: SequenceNumber
        /// Of one that is not sealed, as far as it was read.
        var end: SequenceNumber
    }

    /// The log as it was when it was last followed.
    struct View: Sendable {
        /// The segments, oldest first, without a gap.
        var places: [Place] = []
        /// Those that are not sealed, by their number in `places`.
        ///
        /// Whoever holds them makes the next reading copy the last one: let go of them early.
        var unsealed: [Int: UnsealedSegment] = [:]
        /// Nil before anything was read.
        var identity: LogIdentity?
    }

    private struct State: ~Copyable {
        var view = View()
        /// Stands where the log ended.
        var reader: LogReader?
        /// How often it was followed since the folder was listed.
        var count = 0
    }

    /// Each so many times the folder is listed, so that a segment that is lost is noticed.
    private static let listingInterval = 256

    init(
        _ paths: LogPaths, disk: any Disk, vocabulary: any RecordVocabulary, trust: LogReader.Trust
    ) {
        self.paths = paths
        self.disk = disk
        self.vocabulary = vocabulary
        self.trust = trust
    }

    /// Reads on to the end of the log, and takes note of what was sealed.
    ///
    /// Blocks: the first time it lists the folder and reads all that is not sealed; then it reads
    /// what was appended since, and where that is nothing, asks for a few files.
    /// - Throws: as `LogReader` does; the next time it begins anew.
    func follow() throws(EventLogError) -> View {
        try state.withLock { (state) throws(EventLogError) in
            do throws(EventLogError) {
                if state.reader == nil { state.view.places = try sealedPlaces() }
                try read(&state)
                let last = state.reader?.segmentFirstSequence ?? .zero
                return try opened(&state.view, before: last)
            } catch {
                state = State()
                throw error
            }
        }
    }

    /// The sealed segments that the log starts with.
    private func sealedPlaces() throws(EventLogError) -> [Place] {
        let forms: [SegmentForms]
        do throws(DiskError) { forms = try paths.forms(on: disk) ?? [] } catch {
            throw EventLogError(disk: error)
        }
        var places: [Place] = []
        for (number, form) in forms.enumerated() {
            // Where both stand, the active form is the original.
            guard form.hasOnlySealed, form.name == places.last?.end ?? form.name else { break }
            let isFollowed = number + 1 < forms.count && forms[number + 1].hasOnlySealed
            // Of the last one the footer says it: a folder that changes while it is listed may
            // show neither name of the segment behind (readdir(3)).
            let end =
                isFollowed
                ? forms[number + 1].name
                : try SealedSegment.open(form.name, paths, disk).endSequence
            places.append(Place(first: form.name, end: end))
        }
        return places
    }

    /// Reads on to the end of the log.
    private func read(_ state: inout State) throws(EventLogError) {
        var reader: LogReader
        if let kept = state.reader.take() {
            reader = kept
            state.count = (state.count + 1) % Self.listingInterval
            reader.isFollowing = state.count != 0
        } else {
            reader = try self.reader(from: state.view.places.last?.end)
        }
        state.view.identity = reader.identity
        var description = RecordDescription()
        while let batch = try reader.nextBatch() {
            let name = reader.segmentFirstSequence
            if state.view.places.last.map({ $0.first < name }) ?? true {
                try enter(name, &state.view)
            }
            let number = state.view.places.count - 1
            if let sealed = reader.sealed {
                // Sealed before the one in front of it was: it has an index of its own.
                state.view.unsealed[number] = nil
                state.view.places[number].end = sealed.endSequence
                reader.passSealed()
            } else {
                try state.view.unsealed[number]?.add(batch, of: reader, vocabulary, &description)
                state.view.places[number].end = batch.endSequence
            }
        }
        state.reader = consume reader
    }

    /// A reader behind the sealed segments.
    private func reader(from end: SequenceNumber?) throws(EventLogError) -> LogReader {
        guard let end else {
            return try LogReader.open(folder: paths.data, disk: disk, trust: trust)
        }
        let opened: OpenedSegment?
        do throws(EventLogError) {
            opened = try LogReader.openSegment(end, paths: paths, disk: disk, mayBeTorn: true)
        } catch {
            opened = nil
        }
        // Where that segment stands, as it does, the folder is not listed again.
        if let opened { return LogReader(disk: disk, paths: paths, trust: trust, opened) }
        // It was torn while it was made, or is not there: the reader says what that means.
        var reader = try LogReader.open(folder: paths.data, disk: disk, trust: trust)
        try reader.seek(to: end)
        return reader
    }

    /// Adds the segment that is being read.
    private func enter(_ name: SequenceNumber, _ view: inout View) throws(EventLogError) {
        let opened = try LogReader.openSegment(name, paths: paths, disk: disk)
        view.places.append(Place(first: name, end: name))
        guard let opened else { return }
        disk.close(opened.file)
        // It may have been sealed since the reader opened it, which reads all of it all the same.
        guard opened.sealed == nil else { return }
        view.unsealed[view.places.count - 1] = UnsealedSegment(opened.header)
    }

    /// The view with the files of segments that are not sealed open.
    ///
    /// One that was sealed since, and has its index, is let go.
    /// - Parameter reading: the segment that the reader stands in; those before are known whole.
    private func opened(
        _ view: inout View, before reading: SequenceNumber
    ) throws(EventLogError) -> View {
        var given = view
        do throws(DiskError) {
            for (number, segment) in view.unsealed {
                let name = view.places[number].first
                if let file = try open(paths.segment(name)) {
                    given.unsealed[number] = segment.opened(file)
                } else if name < reading, try disk.hasFile(paths.index(name)) {
                    view.unsealed[number] = nil
                    given.unsealed[number] = nil
                }
            }
        } catch { throw EventLogError(disk: error) }
        return given
    }

    /// Opens a file; nil where it is not there.
    private func open(_ path: String) throws(DiskError) -> UnsealedSegment.OpenFile? {
        do throws(DiskError) { return try UnsealedSegment.OpenFile(path, disk) } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }
}
