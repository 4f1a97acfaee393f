@description('Part of the names that makes them unique.')
param suffix string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The network that resolves the private names.')
param virtualNetworkId string

@description('Where the endpoints get their addresses.')
param subnetId string

@description('Storage account.')
param storageId string

@description('Key Vault.')
param keyVaultId string

@description('Cosmos DB account.')
param cosmosId string

var services = [
  { name: 'blob', targetId: storageId, groupId: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'queue', targetId: storageId, groupId: 'queue', zone: 'privatelink.queue.${environment().suffixes.storage}' }
  { name: 'vault', targetId: keyVaultId, groupId: 'vault', zone: 'privatelink.vaultcore.azure.net' }
  { name: 'cosmos', targetId: cosmosId, groupId: 'Sql', zone: 'privatelink.documents.azure.com' }
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: service.zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, index) in services: {
    parent: zones[index]
    name: 'link-${service.name}'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: virtualNetworkId }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for service in services: {
    name: 'pe-${service.name}-${suffix}'
    location: location
    tags: tags
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        {
          name: service.name
          properties: {
            privateLinkServiceId: service.targetId
            groupIds: [service.groupId]
          }
        }
      ]
    }
  }
]

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (service, index) in services: {
    parent: endpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service.name
          properties: { privateDnsZoneId: zones[index].id }
        }
      ]
    }
  }
]
