import DaybookConfiguration
import Foundation
import Testing

/// Folders that settings name, absolute or by links.
@Suite struct FolderPlacesTests {
    @Test("a folder around the configuration's, or in it, is an error; also by a link")
    func configuration() throws {
        let outer = try TemporaryFolder()
        let config = outer.path + "/config"
        let manager = FileManager.default
        try manager.createDirectory(atPath: config, withIntermediateDirectories: true)
        try manager.createSymbolicLink(
            atPath: outer.path + "/link", withDestinationPath: config)
        let folder = try TemporaryFolder.wrapping(config)
        for setting in ["workFolder", "exchangeFolder", "publishFolder"] {
            for path in [
                outer.path, config, config + "/partners/../edi", outer.path + "/link/edi",
                outer.path + "/./link", outer.path + "/none/..",
            ] {
                try folder.write("daybook.yaml", "\(setting): \(path)\n")
                #expect(try folder.load().problems.map(\.field) == [setting], "\(path)")
            }
            try folder.write("daybook.yaml", "\(setting): \(outer.path)/edi\n")
            #expect(try folder.load().problems == [])
        }
    }

    @Test("no folder is that of the log or lies around the data folder when an engine starts")
    func data() throws {
        let outer = try TemporaryFolder()
        let data = outer.path + "/data"
        let manager = FileManager.default
        for path in [data + "/log", outer.path + "/elsewhere"] {
            try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try manager.createSymbolicLink(
            atPath: outer.path + "/link", withDestinationPath: data)
        try manager.createSymbolicLink(
            atPath: data + "/moved", withDestinationPath: outer.path + "/elsewhere")
        try manager.createSymbolicLink(
            atPath: data + "/inner", withDestinationPath: data + "/log")
        func faults(_ path: String) -> Int {
            var settings = Settings()
            settings.exchangeFolder = path
            return FolderPlaces.faults(settings, dataFolder: data).count
        }
        for path in [
            "/", outer.path, data, data + "/log", data + "/log/edi", data + "/./checkpoints",
            outer.path + "/link", outer.path + "/link/snapshots", "inner", "inner/edi",
            "work/edi", data + "/work",
        ] {
            #expect(faults(path) == 1, "\(path)")
        }
        for path in [
            "exchange", "moved", "edi/log", data + "/edi", outer.path + "/data-edi",
            outer.path + "/link/edi", outer.path + "/elsewhere/new/edi",
        ] {
            #expect(faults(path) == 0, "\(path)")
        }
        #expect(FolderPlaces.faults(Settings(), dataFolder: data) == [])
    }
}
