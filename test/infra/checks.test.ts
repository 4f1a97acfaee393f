import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectAt, REPOSITORY } from '../../checks/project.ts';
import { runChecks } from '../../checks/run.ts';
import { temporaryFolder } from '../support/folders.ts';

const COPIED = [
  ...['infra', 'docs', 'azure.yaml', '.funcignore', 'local.settings.example.json', 'package.json'],
  ...['README.md', 'CONTRIBUTING.md'],
];

/** What a person may get wrong: where, what becomes of which text, and what the check says. */
const MISTAKES: readonly { title: string; file: string; from: string | RegExp; to: string; says: RegExp }[] = [
  {
    title: 'a Bicep file that does not parse',
    file: 'infra/modules/storage.bicep',
    from: "kind: 'StorageV2'",
    to: "kind = 'StorageV2",
    says: /storage\.bicep:\d+: does not parse/,
  },
  {
    title: 'a parameter that nothing uses',
    file: 'infra/modules/identity.bicep',
    from: '  tags: tags\n',
    to: '',
    says: /identity\.bicep:\d+: parameter tags is never used/,
  },
  {
    title: 'a parameter without a description',
    file: 'infra/modules/cosmos.bicep',
    from: "@description('Name of the account.')\n",
    to: '',
    says: /cosmos\.bicep:\d+: parameter name has no @description/,
  },
  {
    title: 'a module that is not given what it declares',
    file: 'infra/main.bicep',
    from: '    nodeVersion: nodeVersion\n',
    to: '',
    says: /module functionApp: does not pass nodeVersion/,
  },
  {
    title: 'a module that is given what it lacks',
    file: 'infra/main.bicep',
    from: '    email: alertEmail\n',
    to: '    email: alertEmail\n    pager: alertEmail\n',
    says: /module alerts: passes pager, which infra\/modules\/alerts\.bicep lacks/,
  },
  {
    title: 'an output that a module does not have',
    file: 'infra/modules/key-vault.bicep',
    from: 'output url string',
    to: 'output uri string',
    says: /module keyVault: has no output url/,
  },
  {
    title: 'a parameter that azd cannot set',
    file: 'infra/main.parameters.json',
    from: /\n {4}"logLevel".*/,
    to: '',
    says: /main\.parameters\.json: does not set logLevel/,
  },
  {
    title: 'a setting that the code reads and Bicep does not set',
    file: 'infra/main.bicep',
    from: /\n {6}DASHBOARD_ORIGIN:.*/,
    to: '',
    says: /infra\/main\.bicep: does not set DASHBOARD_ORIGIN/,
  },
  {
    title: 'a setting that no code reads',
    file: 'infra/main.bicep',
    from: 'LOG_LEVEL: logLevel',
    to: 'LOG_LEVELS: logLevel',
    says: /infra\/main\.bicep: LOG_LEVELS is not a setting of the code/,
  },
  {
    title: 'a setting that the local example lacks',
    file: 'local.settings.example.json',
    from: /\n {4}"QUOTA_TIER".*/,
    to: '',
    says: /local\.settings\.example\.json: does not set QUOTA_TIER/,
  },
  {
    title: 'a setting that is not documented',
    file: 'docs/operations.md',
    from: '`AGENT_KEY_OVERLAP_HOURS`, ',
    to: '',
    says: /docs\/operations\.md: does not name AGENT_KEY_OVERLAP_HOURS/,
  },
  {
    title: 'a scope that operators are not told to add',
    file: 'docs/operations.md',
    from: '`read:label:confluence`, ',
    to: '',
    says: /does not name the scope read:label:confluence/,
  },
  {
    title: 'a client secret in plain text',
    file: 'infra/main.bicep',
    from: /ATLASSIAN_CLIENT_SECRET: .*/,
    to: 'ATLASSIAN_CLIENT_SECRET: atlassianClientId',
    says: /ATLASSIAN_CLIENT_SECRET must be a Key Vault reference/,
  },
  {
    title: 'a container with another key than locally',
    file: 'infra/generated/cosmos-containers.json',
    from: '/tenantId',
    to: '/tenant',
    says: /cosmos-containers\.json: is out of date/,
  },
  {
    title: 'a queue that Bicep does not make',
    file: 'infra/generated/queues.json',
    from: '  "confluence-sync-now",\n',
    to: '',
    says: /queues\.json: is out of date/,
  },
  {
    title: 'a role id under another name',
    file: 'infra/modules/storage.bicep',
    from: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    to: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    says: /b7e6dc6d\S+ is Storage Blob Data Owner; describe it by that name/,
  },
  {
    title: 'a role that is too much',
    file: 'infra/modules/monitoring.bicep',
    from: '3913510d-42f4-4e42-8a64-420c390055eb',
    to: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    says: /b24988ac\S+ is not a role that may be granted here/,
  },
  {
    title: 'an alert on an event that nobody logs',
    file: 'infra/queries/run-failed.kql',
    from: "== 'run_failed'",
    to: "== 'run_crashed'",
    says: /run-failed\.kql: no code logs the event run_crashed/,
  },
  {
    title: 'an alert that nobody explains',
    file: 'docs/operations.md',
    from: '### quota-low',
    to: '### quota',
    says: /does not explain the alert quota-low/,
  },
  {
    title: 'an always-ready function that does not exist',
    file: 'infra/modules/function-app.bicep',
    from: 'function:sync-now-worker',
    to: 'function:sync-worker-now',
    says: /there is no function sync-worker-now/,
  },
  {
    title: 'sources in the package',
    file: '.funcignore',
    from: 'infra/\n',
    to: '',
    says: /\.funcignore: lets infra\/\S+ into the package/,
  },
  {
    title: 'a package that azd would refuse',
    file: '.funcignore',
    from: 'node_modules/*',
    to: 'node_modules/',
    says: /\.funcignore: write node_modules\/\*/,
  },
  {
    title: 'a table of figures that the code does not give',
    file: 'docs/operations.md',
    from: '| 2,800 | 1 |',
    to: '| 2,801 | 1 |',
    says: /docs\/operations\.md: is out of date/,
  },
  {
    title: 'a command that does not exist',
    file: 'docs/operations.md',
    from: 'npm run check\n',
    to: 'npm run chekc\n',
    says: /there is no npm script chekc/,
  },
];

test('the checks find nothing wrong with the project', async () => {
  assert.deepEqual(await runChecks(projectAt(REPOSITORY)), []);
});

for (const { title, file, from, to, says } of MISTAKES) {
  test(`the checks find ${title}`, async (t) => {
    const root = await copyOfProject(t);
    const path = join(root, file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, () => to);
    assert.notEqual(after, before, 'the mistake is planted');
    writeFileSync(path, after);
    const problems = await runChecks(projectAt(root));
    assert.ok(
      problems.some((problem) => says.test(problem)),
      `found: ${problems.join('\n') || 'nothing'}`,
    );
  });
}

async function copyOfProject(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t);
  for (const name of COPIED) {
    if (existsSync(join(REPOSITORY, name))) cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
  }
  return root;
}
