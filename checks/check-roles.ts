import { decoratorsOf, descendants, lineOf, readBicep } from './bicep.ts';
import type { Check } from './project.ts';

/** Built-in roles that may be granted here, from Microsoft's list of built-in roles. */
const ROLES: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
  '00000000-0000-0000-0000-000000000002': 'Cosmos DB Built-in Data Contributor',
};
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Every role id stands in a variable whose description begins with that role's name. */
export const checkRoles: Check = async (project) => {
  const files = await readBicep(project);
  return files.flatMap((file) =>
    descendants(file.root)
      .filter((node) => node.type === 'string_content' && GUID.test(node.text))
      .flatMap((node) => {
        const where = `${file.path}:${lineOf(node)}`;
        const id = GUID.exec(node.text)?.[0] ?? '';
        const role = ROLES[id];
        if (!role) return [`${where}: ${id} is not a role that may be granted here`];
        const variable = node.parent?.parent;
        const described = variable?.type === 'variable_declaration' ? decoratorsOf(variable).join('') : '';
        return described.startsWith(`@description('${role}`)
          ? []
          : [`${where}: ${id} is ${role}; describe it by that name`];
      }),
  );
};
