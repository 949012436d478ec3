import DaybookConfiguration
import Dispatch
import Engine
import Foundation

/// Where runs work, and what becomes of what they leave.
extension DaybookService {
    /// How often outputs and folders of runs are looked at for their age.
    private static let tidyingInterval = Duration.seconds(6 * 3_600)

    /// The folder that the folders of runs lie in, absolute.
    var workFolder: String {
        let folder = configuration.settings.workFolder
        return folder.hasPrefix("/") ? folder : options.dataFolder + "/" + folder
    }

    /// Takes away what is older than the settings say, at once and then every few hours, until it
    /// is cancelled; a pass ends early where the engine is to end.
    func keepTidy(
        _ runtime: EngineRuntime, isEnding: @escaping @Sendable () -> Bool
    ) async {
        let settings = configuration.settings
        let retention = Retention(
            outputDays: settings.outputDays, workDays: settings.workDays,
            data: options.dataFolder, work: workFolder)
        guard retention.isOn else { return }
        repeat {
            do {
                let needed = try await runtime.read { state in
                    var oldest: Int64?
                    func note(_ time: Int64) { oldest = min(oldest ?? time, time) }
                    state.openRuns.forEach { note($0.dueAt) }
                    state.deadRuns.forEach { note($0.dueAt) }
                    return oldest
                }
                let now = SystemClock().now()
                let report = await withCheckedContinuation { continuation in
                    DispatchQueue.global().async {
                        continuation.resume(
                            returning: retention.pass(
                                now: now, neededSince: needed, isEnding: isEnding))
                    }
                }
                for problem in report.problems.prefix(20) {
                    logger.warning("retention: \(problem)")
                }
                if report.outputCount + report.folderCount > 0 {
                    logger.info(
                        """
                        retention: \(report.outputCount) outputs and \(report.folderCount) \
                        folders of runs were removed
                        """)
                }
                try await Task.sleep(for: Self.tidyingInterval)
            } catch {
                return  // it was cancelled, or the engine has stopped
            }
        } while !Task.isCancelled
    }
}
