import Events
import Projections

/// A partner's file that was kept and checked: what the engine records of it.
public struct ReceivedFile: Sendable {
    /// An interchange of it.
    public struct Interchange: Sendable {
        /// ISA05 and ISA06 as `ZZ:THEM`; empty where they are not the partner's.
        public var sender = ""
        /// ISA07 and ISA08; empty where they are not ours.
        public var receiver = ""
        /// ISA13; empty where it is malformed.
        public var controlNumber = ""
        /// TA104, `A` or `R`.
        public var code = ""
        /// TA105.
        public var note = ""
        /// Its groups; the engine records the first 64.
        public var groups: [ReceivedGroup] = []
        /// The answers that it needs by type: `TA1`, `999` once for each group, and those of
        /// business.
        public var answers: [String] = []
        /// Whether it repeats a number that was received before, by the answer of `lookUp`.
        public var isDuplicate = false

        /// An interchange with everything at its default.
        public init() {}
    }

    /// The partner.
    public var partner = ""
    /// `folder` or `api`.
    public var source = ""
    /// Where it is kept, below the exchange folder.
    public var path = ""
    /// The SHA-256 of its content, hex.
    public var sha256 = ""
    /// Its size in bytes.
    public var byteCount: UInt64 = 0
    /// The key under which it is taken in once, 1 to 128 bytes.
    public var key = ""
    /// How many segments were read.
    public var segmentCount: UInt64 = 0
    /// Why it cannot be read and stands in quarantine, a word; empty where it can.
    public var trouble = ""
    /// Its interchanges.
    public var interchanges: [Interchange] = []
    /// The TA1s and 999s that answer it, synced already.
    public var outcomes: [NewOutcome] = []
    /// The TA1s, 999s and 277CAs in it, which answer what we sent.
    public var acknowledgments: [ReceivedAcknowledgment] = []

    /// A file with everything at its default.
    public init() {}

    /// More interchanges than this are not taken in one file.
    public static let interchangesMax = 500
}

/// What a partner says of something that we sent.
public struct ReceivedAcknowledgment: Sendable, Equatable {
    /// `TA1`, `999` or `277CA`.
    public var kind = ""
    /// Its sender, as `ZZ:THEM`.
    public var sender = ""
    /// Its receiver, us.
    public var receiver = ""
    /// For a TA1 the ISA13 that it names; for a 999 the GS06.
    public var controlNumber = ""
    /// For a 999 the GS01 that it names.
    public var functionalID = ""
    /// For a 277CA the reference of the claims, by which the file is found.
    public var reference = ""
    /// TA104 or AK901; for a 277CA `A` or `R`.
    public var code = ""
    /// TA105, or AK905.
    public var note = ""

    /// An acknowledgment with everything at its default.
    public init() {}
}

/// Something that a partner is to be told, in a file that is synced already.
public struct NewOutcome: Sendable, Equatable {
    /// The partner.
    public var partner = ""
    /// The type of transaction that tells it.
    public var type = ""
    /// The name that its source gave it; empty for our own answers.
    public var id = ""
    /// The file that holds it, below the exchange folder.
    public var path = ""
    /// The SHA-256 of that file, hex.
    public var sha256 = ""
    /// Where in it, bytes.
    public var offset: UInt64 = 0
    /// How many bytes.
    public var byteCount: UInt64 = 0
    /// The received file that it answers; 0 for none, and for one that is received with it.
    public var ingestion: UInt64 = 0
    /// GS03 of its group; empty for the partner's.
    public var group = ""

    /// An outcome with everything at its default.
    public init() {}
}

/// A file that a run is to build, check, write and publish.
public struct AssemblyOrder: Sendable, Equatable {
    /// The file, with its envelope and its numbers.
    public var file: OutboundFileState
    /// Its outcomes, in the order of `file.outcomes`; none where it only has to be published.
    public var outcomes: [OutcomeState]
}

/// A file that stands whole under its final name.
public struct WrittenFile: Sendable {
    /// The file's id.
    public var file: UInt64
    /// Where it stands, below the exchange folder.
    public var path: String
    /// Its SHA-256, hex.
    public var sha256: String
    /// Its size in bytes.
    public var byteCount: UInt64
    /// How many segments it has.
    public var segmentCount: UInt64
    /// How many transaction sets.
    public var setCount: UInt64

    /// A written file.
    public init(
        file: UInt64, path: String, sha256: String, byteCount: UInt64, segmentCount: UInt64,
        setCount: UInt64
    ) {
        self.file = file
        self.path = path
        self.sha256 = sha256
        self.byteCount = byteCount
        self.segmentCount = segmentCount
        self.setCount = setCount
    }
}

/// A file of ours, or a received one, that was set aside.
public struct SetAsideFile: Sendable {
    /// The file's id.
    public var file: UInt64
    /// Where it stands now, below the exchange folder.
    public var path: String
    /// Why, a word such as `check`.
    public var reason: String
    /// What is wrong, by places and codes; no content.
    public var findings: [String]

    /// A file that was set aside.
    public init(file: UInt64, path: String, reason: String, findings: [String]) {
        self.file = file
        self.path = path
        self.reason = reason
        self.findings = findings
    }
}

/// What keeps files from being taken in somewhere, or that nothing does any more.
public struct ReceptionNotice: Sendable, Equatable {
    /// What is told, by the kind of its alert.
    public enum Kind: String, Sendable {
        /// Files are not taken in; it is tried again.
        case stuck = "receptionStuck"
        /// A file of outcomes was refused.
        case refused = "outcomesRefused"
        /// A file was written to after it was received, and is taken once more.
        case grew = "fileGrew"
    }

    /// What is told.
    public var kind: Kind
    /// The folder, below the exchange folder: what the alert is about.
    public var place: String
    /// The partner whose folder it is; empty for none.
    public var partner = ""
    /// One sentence for people, without content; nil where it is over.
    public var message: String?

    /// A notice.
    public init(_ kind: Kind, _ place: String, partner: String = "", _ message: String?) {
        self.kind = kind
        self.place = place
        self.partner = partner
        self.message = message
    }
}

/// What is asked of the exchange with partners, or told of it.
public enum ExchangeCommand: Sendable {
    /// Which received file, or outcome, had each of these keys (`ExchangeKey`); 0 for none.
    case lookUp([String])
    /// A partner's file is here.
    case receive(ReceivedFile, Authority)
    /// Outcomes are here: those that were here before are left out.
    case outcomes([NewOutcome], source: String, Authority)
    /// A run takes the outcomes whose window has ended, and files that an earlier run did not
    /// finish.
    ///
    /// No types, or no partners, stand for all of them.
    case collect(run: UInt64, types: [String], partners: [String], filesMax: Int)
    /// Files stand under their final names.
    case written([WrittenFile])
    /// A file did not pass its check: its numbers are failed.
    case setAside(SetAsideFile)
    /// Files were published: their ids, by which channels, after how many attempts.
    case published([UInt64], channel: String, attempts: UInt64)
    /// A step of a file failed; it is given up with its numbers, or a later run goes on with it.
    case failed(file: UInt64, step: String, reason: String, attempts: UInt64, isGivenUp: Bool)
    /// Outcomes of a file that was sent, set aside or given up go into a new one, with new numbers.
    case reassemble(
        file: UInt64, partner: String, outcomes: [NewOutcome], reason: String, Authority)
    /// Outcomes that wait for nothing are here: the schedule that assembles them runs now.
    case assembleNow(ScheduleKey, reason: String)
    /// A sweep found that what was received twice is a duplicate.
    case sweepFound(
        ingestion: UInt64, original: UInt64, kind: String, partner: String, controlNumber: String)
    /// A person settles a duplicate.
    case resolveDuplicate(UInt64, resolution: String, reason: String, Authority)
    /// A file is kept elsewhere from now on, or not any more.
    case moved([FileMoved])
    /// Files are not taken in somewhere, or are again.
    case reception(ReceptionNotice)
    /// A person places a legal hold.
    case placeHold(LegalHoldPlaced, Authority)
    /// A person releases one.
    case releaseHold(String, reason: String, Authority)

    /// The authority of a person's act, which needs a ticket; nil for what programs do.
    var manualAuthority: Authority? {
        switch self {
        case .reassemble(_, _, _, _, let who), .resolveDuplicate(_, _, _, let who),
            .placeHold(_, let who), .releaseHold(_, _, let who):
            who
        default: nil
        }
    }
}

/// What a command about the exchange came to.
public struct ExchangeReply: Sendable, Equatable {
    /// For `lookUp`: what had each key; 0 for none.
    public var known: [UInt64] = []
    /// The ingestion id of a received file.
    public var ingestion: UInt64?
    /// How many acknowledgments of a received file name no file of ours that waits for one.
    public var unmatchedCount = 0
    /// How many outcomes were new.
    public var taken = 0
    /// What a run is to do.
    public var orders: [AssemblyOrder] = []
    /// The file that a reassembly began.
    public var file: UInt64?
    /// The partners and types whose numbers have run out, as `PARTNER TYPE`.
    public var exhausted: [String] = []
    /// Whether more is to be collected at once.
    public var hasMore = false

    /// An answer that says nothing.
    public init() {}
}
