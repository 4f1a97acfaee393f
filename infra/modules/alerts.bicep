@description('Part of the names that makes them unique.')
param suffix string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Log Analytics workspace with the telemetry.')
param workspaceId string

@description('Who is told by e-mail. Empty: nobody.')
param email string

var alerts = [
  {
    name: 'poison-message'
    title: 'A queue message failed five times'
    severity: 1
    query: loadTextContent('../queries/poison-message.kql')
    windowMinutes: 15
    threshold: 0
  }
  {
    name: 'reconnect-required'
    title: 'Connections need to be reconnected'
    severity: 3
    query: loadTextContent('../queries/reconnect-required.kql')
    windowMinutes: 60
    threshold: 0
  }
  {
    name: 'many-reconnects'
    title: 'Many connections were lost at once'
    severity: 1
    query: loadTextContent('../queries/reconnect-required.kql')
    windowMinutes: 15
    threshold: 5
  }
  {
    name: 'quota-low'
    title: 'Less than 10 % of the hour\'s points are left'
    severity: 2
    query: loadTextContent('../queries/quota-low.kql')
    windowMinutes: 15
    threshold: 0
  }
  {
    name: 'run-failed'
    title: 'Sync runs failed'
    severity: 2
    query: loadTextContent('../queries/run-failed.kql')
    windowMinutes: 30
    threshold: 0
  }
  {
    name: 'dependency-failures'
    title: 'Calls to Atlassian, Cosmos DB, Key Vault or the queues fail'
    severity: 2
    query: loadTextContent('../queries/dependency-failures.kql')
    windowMinutes: 15
    threshold: 20
  }
  {
    name: 'client-secret-invalid'
    title: 'Atlassian refuses the client secret'
    severity: 0
    query: loadTextContent('../queries/client-secret-invalid.kql')
    windowMinutes: 15
    threshold: 0
  }
  {
    name: 'schedule-silent'
    title: 'The timer has not run'
    severity: 1
    query: loadTextContent('../queries/schedule-silent.kql')
    windowMinutes: 15
    threshold: 0
  }
]

resource actions 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'confluence'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${alert.name}-${suffix}'
    location: location
    tags: tags
    properties: {
      displayName: alert.title
      description: 'What it means and what to do: docs/operations.md, "Alerts", ${alert.name}.'
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: alert.windowMinutes > 30 ? 'PT30M' : 'PT5M'
      windowSize: 'PT${alert.windowMinutes}M'
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      // A new workspace has no tables yet.
      skipQueryValidation: true
      actions: { actionGroups: empty(email) ? [] : [actions.id] }
    }
  }
]
