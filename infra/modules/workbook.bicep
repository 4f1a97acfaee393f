@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Log Analytics workspace with the telemetry.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'confluence-for-neo')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Confluence for Neo'
    category: 'workbook'
    sourceId: workspaceId
    version: '1.0'
    serializedData: replace(loadTextContent('../generated/workbook.json'), '{workspaceId}', workspaceId)
  }
}
