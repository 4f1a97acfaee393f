@description('Name of the account.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The application\'s identity.')
param appPrincipalId string

@allowed(['serverless', 'autoscale'])
@description('How it is paid for.')
param capacity string

@description('Highest request units per second of each container with autoscale.')
param maxRequestUnits int

@description('Log Analytics workspace for diagnostics.')
param workspaceId string

@description('Reachable from the internet, with Entra ID only; otherwise through private endpoints.')
param publicAccess bool

// The application's own definitions: shared/platform/containers.ts.
var containerDefinitions = loadJsonContent('../generated/cosmos-containers.json')
var isServerless = capacity == 'serverless'

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-10-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [{ locationName: location, failoverPriority: 0 }]
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    capabilities: concat(
      [{ name: 'EnableNoSQLFullTextSearch' }],
      isServerless ? [{ name: 'EnableServerless' }] : []
    )
    // No keys: access has an identity, and the application's may not change databases or containers.
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: 'Continuous7Days' }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-10-15' = {
  parent: account
  name: 'confluence'
  properties: {
    resource: { id: 'confluence' }
  }
}

resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-10-15' = [
  for definition in containerDefinitions: {
    parent: database
    name: definition.id
    properties: {
      resource: union(definition, {
        partitionKey: { paths: definition.partitionKey.paths, kind: 'Hash', version: 2 }
      })
      options: isServerless ? {} : { autoscaleSettings: { maxThroughput: maxRequestUnits } }
    }
  }
]

@description('Cosmos DB Built-in Data Contributor')
var dataContributor = '00000000-0000-0000-0000-000000000002'

resource appAccess 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-10-15' = {
  parent: account
  name: guid(account.id, appPrincipalId, dataContributor)
  properties: {
    principalId: appPrincipalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    // The whole account, which has this one database: the client asks the account where its regions are.
    scope: account.id
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    // Not DataPlaneRequests: one entry a request would cost more than the database.
    logs: [
      { category: 'ControlPlaneRequests', enabled: true }
      { category: 'PartitionKeyStatistics', enabled: true }
    ]
    metrics: [{ category: 'Requests', enabled: true }]
  }
}

output id string = account.id
output name string = account.name
output endpoint string = account.properties.documentEndpoint
output databaseName string = database.name
