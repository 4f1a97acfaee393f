@description('Name of the virtual network.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.80.0.0/16'] }
    subnets: [
      {
        name: 'app'
        properties: {
          // Flex Consumption runs on Container Apps, which takes the subnet over; /24 is room for every instance.
          addressPrefix: '10.80.0.0/24'
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.80.1.0/24' }
      }
    ]
  }

  resource app 'subnets' existing = { name: 'app' }

  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

output virtualNetworkId string = network.id
output appSubnetId string = network::app.id
output endpointSubnetId string = network::endpoints.id
