@description('Name of the application; its address follows from it.')
param name string

@description('Name of the plan.')
param planName string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the user-assigned identity.')
param identityId string

@description('Subnet for outgoing connections. Empty: none.')
param subnetId string

@description('Blob container that holds the package.')
param deploymentContainerUrl string

@allowed(['22', '24'])
@description('Version of Node.js.')
param nodeVersion string

@description('The most instances.')
param maximumInstanceCount int

@description('Memory of an instance in MB.')
param instanceMemoryMB int

@description('HTTP requests that one instance handles at a time.')
param httpConcurrency int

@description('Instances that are always ready for HTTP.')
param alwaysReadyHttp int

@description('Instances that are always ready for connects and manual syncs.')
param alwaysReadySyncNow int

@description('Log Analytics workspace for diagnostics.')
param workspaceId string

@description('Application settings by name.')
param settings object

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

// All HTTP functions scale as one group, and each queue or timer function alone: a wave of syncs never takes the
// instances that answer agents, and a connect never waits behind the scheduled work.
resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      appSettings: [for setting in items(settings): { name: setting.key, value: setting.value }]
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: filter(
          [
            { name: 'http', instanceCount: alwaysReadyHttp }
            { name: 'function:sync-now-worker', instanceCount: alwaysReadySyncNow }
          ],
          entry => entry.instanceCount > 0
        )
        triggers: {
          http: { perInstanceConcurrency: httpConcurrency }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
    }
  }
}

// Deployments come with an Entra token; user names and passwords stay off.
resource basicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for policy in ['scm', 'ftp']: {
    parent: app
    name: policy
    properties: { allow: false }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    // No logs: the same lines come with telemetry.
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = app.name
