import { checkBicep } from './check-bicep.ts';
import { checkDocuments } from './check-documents.ts';
import { checkFunctions } from './check-functions.ts';
import { checkPackage } from './check-package.ts';
import { checkQueries } from './check-queries.ts';
import { checkRoles } from './check-roles.ts';
import { checkSettings } from './check-settings.ts';
import { checkGenerated } from './generated.ts';
import { type Check, type Project, projectAt, REPOSITORY } from './project.ts';

const checks: readonly Check[] = [
  checkBicep,
  checkRoles,
  checkSettings,
  checkGenerated,
  checkQueries,
  checkFunctions,
  checkPackage,
  checkDocuments,
];

/** Checks what compilers do not see: infrastructure, settings, documents and code against each other. Offline. */
export async function runChecks(project: Project): Promise<string[]> {
  const problems: string[] = [];
  for (const check of checks) problems.push(...(await check(project)));
  return problems;
}

if (import.meta.main) {
  const problems = await runChecks(projectAt(REPOSITORY));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log('Infrastructure, settings, documents and code agree.');
}
