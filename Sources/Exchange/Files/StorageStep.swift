/// One call that changes the exchange folder, or makes a change durable.
///
/// A store asks its hook before each: tests let calls fail there, or "kill" the program by letting
/// all fail from one on. A service has no hook.
package struct StorageStep: Sendable, Hashable {
    /// What a step does.
    package enum Kind: String, Sendable, CaseIterable {
        /// Makes a folder.
        case makeFolder
        /// Makes a temporary file.
        case create
        /// Writes some of its bytes.
        case write
        /// Makes a file's bytes durable.
        case sync
        /// Makes everything on the file system durable.
        case syncAll
        /// Gives a file its name, or another one.
        case rename
        /// Makes the names in a folder durable.
        case syncFolder
        /// Takes a file's name away.
        case remove
    }

    /// What it does.
    package let kind: Kind
    /// To what, below the root.
    package let path: String

    /// A step.
    package init(_ kind: Kind, _ path: String) {
        self.kind = kind
        self.path = path
    }
}

/// Answers with the error that a step is to fail with, without being done; nil lets it happen.
package typealias StorageHook = @Sendable (StorageStep) -> CInt?
