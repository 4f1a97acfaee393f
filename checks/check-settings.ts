import { settingsSchema } from '../shared/platform/settings.ts';
import { keysOf, propertyBelow, readBicep } from './bicep.ts';
import type { Check, Project } from './project.ts';
import { AZURE_ONLY, DEFAULTS_ONLY, HOST_SETTINGS, LOCAL_ONLY, SETTINGS } from './setting-names.ts';

const DOCUMENT = 'docs/operations.md';

/** What an operator must tick in Atlassian's console, and more must not be asked for. */
const SCOPES = settingsSchema.shape.ATLASSIAN_SCOPES.parse(undefined);

/** Every setting that the code reads is set by Bicep, stands in the local example and is documented, and no other is. */
export const checkSettings: Check = async (project) => {
  const inBicep = await bicepSettings(project);
  const inExample = Object.keys(JSON.parse(project.read('local.settings.example.json')).Values);
  const document = project.read(DOCUMENT);
  const known = [...SETTINGS, ...HOST_SETTINGS];
  const lists = [...LOCAL_ONLY, ...AZURE_ONLY, ...DEFAULTS_ONLY];
  return [
    ...missing(SETTINGS, inBicep, [...LOCAL_ONLY, ...DEFAULTS_ONLY], 'infra/main.bicep: does not set'),
    ...missing(SETTINGS, inExample, [...AZURE_ONLY, ...DEFAULTS_ONLY], 'local.settings.example.json: does not set'),
    ...SETTINGS.filter((name) => !document.includes(`\`${name}\``)).map((name) => `${DOCUMENT}: does not name ${name}`),
    ...unknown(inBicep, known, 'infra/main.bicep'),
    ...unknown(inExample, known, 'local.settings.example.json'),
    ...unknown(lists, SETTINGS, 'checks/setting-names.ts'),
    ...SCOPES.filter((scope) => !document.includes(`\`${scope}\``)).map(
      (scope) => `${DOCUMENT}: does not name the scope ${scope}`,
    ),
    ...plainSecrets(project.read('infra/main.bicep')),
  ];
};

async function bicepSettings(project: Project): Promise<string[]> {
  const main = (await readBicep(project)).find(({ path }) => path === 'infra/main.bicep');
  const app = main?.modules.find(({ path }) => path === 'infra/modules/function-app.bicep');
  return app ? keysOf(propertyBelow(app.node, 'settings')) : [];
}

function missing(
  names: readonly string[],
  given: readonly string[],
  exempt: readonly string[],
  text: string,
): string[] {
  return names.filter((name) => !exempt.includes(name) && !given.includes(name)).map((name) => `${text} ${name}`);
}

function unknown(given: readonly string[], known: readonly string[], file: string): string[] {
  return given.filter((name) => !known.includes(name)).map((name) => `${file}: ${name} is not a setting of the code`);
}

/** The client secret reaches the application by reference alone. */
function plainSecrets(main: string): string[] {
  const value = /ATLASSIAN_CLIENT_SECRET:\s*(.*)/.exec(main)?.[1] ?? '';
  return value.startsWith("'@Microsoft.KeyVault(SecretUri=")
    ? []
    : ['infra/main.bicep: ATLASSIAN_CLIENT_SECRET must be a Key Vault reference'];
}
