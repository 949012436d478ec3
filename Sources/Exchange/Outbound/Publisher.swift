/// A way by which those who deliver files are told of them.
package protocol PublicationChannel: Sendable {
    /// Its word in events: `folder` or `webhook`.
    var name: String { get }
    /// Tells of files; an error for each that could not be told of, in their order.
    func send(_ messages: [PublicationMessage]) async -> [ExchangeError?]
}

/// Tells those who deliver files that some are ready: by a folder, by HTTP, by both, and always by
/// the log.
///
/// It is at least once: a kill between the message and its record repeats it. The file's id is the
/// same then, and so is the whole message.
public struct Publisher: Sendable {
    private let channels: [any PublicationChannel]
    private let pauses: RetryPauses

    /// A publisher.
    ///
    /// - Parameters:
    ///   - folder: a folder outside of the exchange folder, as absolute path: it gets a file
    ///     `FILEID.json` for each; nil for none.
    ///   - webhook: is posted each message; nil for none.
    /// - Throws: where the folder cannot be opened or made.
    public init(folder: String?, webhook: PublicationWebhook?) throws(ExchangeError) {
        var channels: [any PublicationChannel] = []
        if let folder { channels.append(try PublicationFolder(folder)) }
        if let webhook { channels.append(webhook) }
        self.init(channels: channels)
    }

    package init(channels: [any PublicationChannel]) {
        self.channels = channels
        pauses = RetryPauses(attempts: 5, first: .seconds(1))
    }

    /// A channel to the folder of a store; tests set its hook.
    package static func folder(_ store: ExchangeStore) -> any PublicationChannel {
        PublicationFolder(store)
    }

    /// The most attempts for a file.
    package var attempts: Int { pauses.attempts }

    /// The channels, as events have them.
    package var channel: String { (channels.map(\.name) + ["log"]).joined(separator: ",") }

    /// Tells of files on every channel; what fails is tried again after a pause.
    ///
    /// - Returns: for each file, in which attempt everybody knew of it, or what failed last.
    package func publish(
        _ messages: [PublicationMessage], clock: any Clock<Duration>
    ) async -> [Result<UInt64, ExchangeError>] {
        var answers = messages.map { _ in Result<UInt64, ExchangeError>.success(1) }
        var open = channels.map { _ in Array(messages.indices) }
        var pause = pauses.first
        for attempt in 1...pauses.attempts {
            for index in messages.indices {
                if case .failure = answers[index] { answers[index] = .success(UInt64(attempt)) }
            }
            for (place, channel) in channels.enumerated() where !open[place].isEmpty {
                let told = open[place]
                let errors = await channel.send(told.map { messages[$0] })
                open[place] = []
                for (index, error) in zip(told, errors) {
                    guard let error else { continue }
                    answers[index] = .failure(error)
                    open[place].append(index)
                }
            }
            if open.allSatisfy(\.isEmpty) || attempt == pauses.attempts { break }
            guard (try? await clock.sleep(for: pause)) != nil else { break }
            pause *= 2
        }
        return answers
    }
}

/// A folder in which a file appears for each file that is ready.
struct PublicationFolder: PublicationChannel {
    private let store: ExchangeStore

    let name = "folder"

    init(_ folder: String) throws(ExchangeError) {
        self.init(
            try ExchangeStore(
                root: folder, cipher: nil, pieceByteCount: 1 << 20, hook: nil,
                title: "the folder publishFolder"))
    }

    init(_ store: ExchangeStore) { self.store = store }

    func send(_ messages: [PublicationMessage]) async -> [ExchangeError?] {
        do throws(ExchangeError) {
            try store.write(try messages.map(Self.pending))
            return messages.map { _ in nil }
        } catch let error where error.code == "exists" {
            // One at a time, so that only that one fails.
            return messages.map { message in
                do throws(ExchangeError) {
                    try store.write([try Self.pending(message)])
                    return nil
                } catch {
                    return error
                }
            }
        } catch {
            return messages.map { _ in error }
        }
    }

    private static func pending(
        _ message: PublicationMessage
    ) throws(ExchangeError) -> PendingFile {
        PendingFile(
            path: try ExchangePath("\(message.file).json"),
            content: Array(message.json.utf8) + [0x0A], metadata: nil)
    }
}
