// Everything that Confluence for Neo runs on, in one resource group. `azd up` deploys it; docs/operations.md explains it.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment: part of the resource group name, and the seed of every other name.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer Flex Consumption and Cosmos DB full-text search.')
param location string

@minLength(1)
@description('Client id of the Atlassian app (OAuth 2.0, 3LO). Its secret is written to the Key Vault afterwards and is never a parameter.')
param atlassianClientId string

@description('The only origin that the callback page posts its message to, for example https://dashboard.example.com.')
param dashboardOrigin string

@description('OIDC issuer of the dashboard backend, for example https://login.microsoftonline.com/{tenant}/v2.0.')
param authIssuer string

@minLength(1)
@description('Audience of the dashboard backend\'s tokens.')
param authAudience string

@description('Base URL of the application when it has a domain of its own. Empty: the address that Azure gives it.')
param publicUrl string = ''

@allowed(['22', '24'])
@description('Version of Node.js.')
param nodeVersion string = '24'

@minValue(40)
@maxValue(1000)
@description('The most instances that the application may scale out to.')
param maximumInstanceCount int = 100

@allowed([512, 2048, 4096])
@description('Memory of an instance in MB. 2048 holds the host, the worker and six syncs at a time with room to spare.')
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
@description('HTTP requests that one instance handles at a time before another is started.')
param httpConcurrency int = 40

@minValue(0)
@maxValue(100)
@description('Instances that are always ready for HTTP: agents and dashboards. 0 costs nothing and has cold starts.')
param alwaysReadyHttp int = 0

@minValue(0)
@maxValue(100)
@description('Instances that are always ready for connects and manual syncs.')
param alwaysReadySyncNow int = 0

@allowed(['serverless', 'autoscale'])
@description('How Cosmos DB is paid for: by request, or by an hourly maximum that it scales below. See the cost table in docs/operations.md.')
param cosmosCapacity string = 'serverless'

@minValue(1000)
@maxValue(1000000)
@description('Highest request units per second of each container with autoscale.')
param cosmosMaxRequestUnits int = 4000

@allowed([1, 2])
@description('Atlassian\'s quota tier of the app: 1 shares the points of an hour among all tenants, 2 gives each tenant its own.')
param quotaTier int = 1

@minValue(1)
@description('Points an hour, by tier. Atlassian\'s rate-limit headers correct it.')
param pointsPerHour int = 65000

@minValue(1)
@maxValue(1440)
@description('Minutes between two looks at a tenant for changes.')
param syncIntervalMinutes int = 15

@minValue(1)
@description('Shortest hours between two full listings of a tenant\'s pages.')
param idsPassIntervalHours int = 24

@minValue(1)
@description('Shortest hours between two full listings of a tenant\'s labels.')
param labelsPassIntervalHours int = 168

@minValue(1)
@description('Shortest hours between two full listings of a tenant\'s attachments.')
param attachmentsPassIntervalHours int = 168

@description('Types of spaces that are synced, comma separated. Personal spaces never are.')
param syncSpaceTypes string = 'global,knowledge_base,collaboration'

@minValue(0)
@description('Minutes for which a mass disappearance of pages is doubted before a later run may confirm it.')
param missingGraceMinutes int = 60

@minValue(1)
@description('Tool calls a minute for each agent.')
param agentCallsPerMinute int = 120

@minValue(1)
@description('Points an hour for all agents of a tenant.')
param agentPointsPerHour int = 2000

@minValue(0)
@description('Days for which a disconnected tenant\'s index is kept, unsearchable.')
param indexRetentionDays int = 30

@allowed(['debug', 'info', 'warn', 'error'])
@description('Lowest level of the log lines that are written.')
param logLevel string = 'info'

@description('Part of the traces that is kept, 0 to 1. Invocations with an error are kept whatever this says.')
param telemetrySampleRatio string = '0.2'

@minValue(30)
@maxValue(730)
@description('Days for which logs are kept.')
param logRetentionDays int = 30

@description('Puts Cosmos DB, Key Vault and Storage behind private endpoints in a virtual network of their own.')
param privateNetworking bool = false

@description('Who is told of alerts by e-mail. Empty: alerts are only shown in the portal.')
param alertEmail string = ''

@description('Object id of the person or pipeline that deploys, who may then write the client secret. azd fills it in. Empty: nobody.')
param principalId string = ''

@allowed(['User', 'ServicePrincipal'])
@description('What the deploying principal is.')
param principalType string = 'User'

var suffix = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var functionAppName = 'func-${suffix}'
var functionAppUrl = empty(publicUrl) ? 'https://${functionAppName}.azurewebsites.net' : publicUrl

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${suffix}'
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    name: 'vnet-${suffix}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    retentionDays: logRetentionDays
    appPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'st${suffix}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    name: 'kv-${suffix}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
    workspaceId: monitoring.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: {
    name: 'cosmos-${suffix}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    capacity: cosmosCapacity
    maxRequestUnits: cosmosMaxRequestUnits
    workspaceId: monitoring.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetworking) {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    virtualNetworkId: privateNetworking ? network.outputs.virtualNetworkId : ''
    subnetId: privateNetworking ? network.outputs.endpointSubnetId : ''
    storageId: storage.outputs.id
    keyVaultId: keyVault.outputs.id
    cosmosId: cosmos.outputs.id
  }
}

module functionApp 'modules/function-app.bicep' = {
  scope: group
  // With private networking it could not reach its stores before.
  dependsOn: [privateEndpoints]
  params: {
    name: functionAppName
    planName: 'plan-${suffix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    subnetId: privateNetworking ? network.outputs.appSubnetId : ''
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadySyncNow: alwaysReadySyncNow
    workspaceId: monitoring.outputs.workspaceId
    settings: {
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.outputs.clientId
      AzureWebJobsStorage__blobServiceUri: storage.outputs.blobServiceUri
      AzureWebJobsStorage__queueServiceUri: storage.outputs.queueServiceUri
      AZURE_CLIENT_ID: identity.outputs.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
      APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true'
      // Without it V8 lets the young generation grow before it collects: six chains in one process then take half as much again.
      languageWorkers__node__arguments: '--max-semi-space-size=2'
      OTEL_SERVICE_NAME: 'confluence-for-neo'
      TELEMETRY_SAMPLE_RATIO: telemetrySampleRatio
      ATLASSIAN_CLIENT_ID: atlassianClientId
      ATLASSIAN_CLIENT_SECRET: '@Microsoft.KeyVault(SecretUri=${keyVault.outputs.url}secrets/${keyVault.outputs.clientSecretName})'
      PUBLIC_URL: functionAppUrl
      DASHBOARD_ORIGIN: dashboardOrigin
      AUTH_ISSUER: authIssuer
      AUTH_AUDIENCE: authAudience
      COSMOS_ENDPOINT: cosmos.outputs.endpoint
      COSMOS_DATABASE: cosmos.outputs.databaseName
      KEY_VAULT_URL: keyVault.outputs.url
      QUOTA_TIER: string(quotaTier)
      POINTS_PER_HOUR: string(pointsPerHour)
      SYNC_INTERVAL_MINUTES: string(syncIntervalMinutes)
      IDS_PASS_INTERVAL_HOURS: string(idsPassIntervalHours)
      LABELS_PASS_INTERVAL_HOURS: string(labelsPassIntervalHours)
      ATTACHMENTS_PASS_INTERVAL_HOURS: string(attachmentsPassIntervalHours)
      SYNC_SPACE_TYPES: syncSpaceTypes
      MISSING_GRACE_MINUTES: string(missingGraceMinutes)
      AGENT_CALLS_PER_MINUTE: string(agentCallsPerMinute)
      AGENT_POINTS_PER_HOUR: string(agentPointsPerHour)
      INDEX_RETENTION_DAYS: string(indexRetentionDays)
      LOG_LEVEL: logLevel
    }
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    email: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('Read by azd.')
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = functionApp.outputs.name
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_COSMOS_ACCOUNT_NAME string = cosmos.outputs.name
output ATLASSIAN_CLIENT_SECRET_NAME string = keyVault.outputs.clientSecretName
output ATLASSIAN_CALLBACK_URL string = '${functionAppUrl}/api/confluence/callback'
output PUBLIC_URL string = functionAppUrl
