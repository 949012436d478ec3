import Glibc
import SystemPackage

extension ExchangeError {
    /// Whether the same may succeed if it is done again.
    public var isTransient: Bool { code == "storage" }

    private static let transient: Set<CInt> = [
        EIO, ENOSPC, EDQUOT, EAGAIN, EINTR, EBUSY, ENOMEM, ENFILE, EMFILE, ESTALE, ETIMEDOUT,
    ]

    /// A call of the system failed; its code is `storage` where another attempt may succeed, else
    /// `storageRefused`.
    static func storage(
        _ action: String, _ place: String, of title: String = "the exchange folder",
        _ number: CInt
    ) -> ExchangeError {
        root(action, "\(place) of \(title)", number)
    }

    /// The same of a folder as a whole, by its title.
    static func root(_ action: String, _ title: String, _ number: CInt) -> ExchangeError {
        ExchangeError(
            transient.contains(number) ? "storage" : "storageRefused",
            "cannot \(action) \(title): \(Errno(rawValue: number)). " + remedy(number))
    }

    private static func remedy(_ number: CInt) -> String {
        switch number {
        case ENOSPC, EDQUOT: "Free space there"
        case EIO: "Look at the disk and the system's log"
        case EACCES, EPERM: "Give it, and all in it, to the user that Daybook runs as"
        case EROFS: "Mount it so that it can be written"
        case ELOOP, ENOTDIR: "A link, or a file in a folder's place, is refused: remove it"
        case ENOENT: "Put it back, or name one that is there"
        case EMFILE, ENFILE: "Raise the limit of open files"
        case EINVAL: "Use a file system that renames without replacing, such as ext4 or xfs"
        default: "Make it work, and do the same again"
        }
    }

    static func notThere(_ path: ExchangePath) -> ExchangeError {
        ExchangeError(
            "missing",
            "there is no file \(path) in the exchange folder, nor in its tiers. Bring it back "
                + "from a copy, or name one that is there")
    }

    static func exists(_ path: ExchangePath) -> ExchangeError {
        ExchangeError(
            "exists",
            "\(path) is in the exchange folder already, with other content. It was left as it is: "
                + "find out who wrote it, and move it away")
    }
}
