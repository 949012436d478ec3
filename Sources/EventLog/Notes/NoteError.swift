/// What is wrong with a note, key, checkpoint, proof or bundle, on which line, and what to do next.
///
/// A message never repeats what stands in the file: that is not trusted. Whoever read the file adds
/// its path. Two errors are equal when their codes are.
public struct NoteError: Error, Equatable, Sendable {
    /// What kind of failure this is.
    public let code: Code
    /// The line in the bytes that were read, from 1, where one line is at fault.
    public let line: Int?
    private let detail: String

    /// What is wrong and where, and the remedy.
    public var message: String { line.map { "line \($0): " + detail } ?? detail }

    /// The kind of a failure; new kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case noteMalformed, noteTooLarge, keyMalformed, keyUnsuitable, checkpointMalformed
            case originMismatch, signatureInvalid, signatureMissing, signatureForeign
            case proofMalformed, proofMismatch, bundleMalformed
        }
        private let kind: Kind

        /// The bytes are not a signed note.
        public static let noteMalformed = Code(kind: .noteMalformed)
        /// More bytes than a note or proof may have, or more than 100 signatures.
        public static let noteTooLarge = Code(kind: .noteTooLarge)
        /// The text is not a key, or not one of a known type.
        public static let keyMalformed = Code(kind: .keyMalformed)
        /// The key is good, and not of the type or name that is needed here.
        public static let keyUnsuitable = Code(kind: .keyUnsuitable)
        /// The note's text is not a checkpoint.
        public static let checkpointMalformed = Code(kind: .checkpointMalformed)
        /// The checkpoint is of another log than the key.
        public static let originMismatch = Code(kind: .originMismatch)
        /// A signature that names a known key is not that key's.
        public static let signatureInvalid = Code(kind: .signatureInvalid)
        /// No key that was given signed.
        public static let signatureMissing = Code(kind: .signatureMissing)
        /// A signature that was to be added is of no key that was given.
        public static let signatureForeign = Code(kind: .signatureForeign)
        /// The bytes are not a proof file.
        public static let proofMalformed = Code(kind: .proofMalformed)
        /// The proof does not lead from the record to the checkpoint's root.
        public static let proofMismatch = Code(kind: .proofMismatch)
        /// The bytes are not an entry bundle of so many records, or it would become too large.
        public static let bundleMalformed = Code(kind: .bundleMalformed)

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    init(_ code: Code, line: Int? = nil, _ message: String) {
        self.code = code
        self.line = line
        detail = message
    }

    /// The same for bytes that begin so many lines further down in the file.
    func moved(byLines count: Int) -> NoteError {
        NoteError(code, line: line.map { $0 + count }, detail)
    }

    /// An error that only names its kind: for comparisons in tests.
    package init(code: Code) { self.init(code, "") }

    /// Whether both are of one kind.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension NoteError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
