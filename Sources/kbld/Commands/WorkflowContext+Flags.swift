import ContainerImage
import FoundationEssentials
import KbldConfiguration
import KbldWorkflows
import RegistryClient

extension WorkflowContext {
    /// Creates the context of a command in this process.
    init(
        _ flags: RegistryFlags? = nil,
        finders: FinderFlags? = nil,
        rate: RateFlags? = nil,
        uploads: UploadFlags? = nil,
        reading: ReadingFlags? = nil,
        temporary: TemporaryFolderFlags? = nil,
        log: Log
    ) throws {
        self.init(
            version: try SemanticVersion(Kbld.version),
            variables: ProcessInfo.processInfo.environment,
            log: log.sink
        )
        warning = { Log.warning($0) }
        credentialPrefix = Hints.credentialVariables
        requestLogger = RequestLog.logger(isOn: StandardError.shared.logsRequests)
        if let finders { documentOptions = try finders.options() }
        if let flags { registryOptions = flags.options }
        registryOptions.rateLimit = try rate?.limit()
        if let uploads { registryOptions.uploadChunking = try uploads.chunking() }
        temporaryFolder = temporary?.folder
        if let reading { mirrors = try reading.sources() }
        registryOptions.clientID = "kbld"
        registryOptions.connectionsPerHost = Descriptors.connectionsPerHost
        registryOptions.digestTag = Tag.kbldDigestTag
        registryOptions.userAgent = "kbld/\(Kbld.version)"
        registryOptions.warning = { Log.warning(HintedText($0)) }
    }
}
