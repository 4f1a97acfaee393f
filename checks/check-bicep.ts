import { type BicepFile, readBicep } from './bicep.ts';
import type { Check } from './project.ts';

/** Bicep files parse, declare nothing in vain, and pass each other what is declared. */
export const checkBicep: Check = async (project) => {
  const files = await readBicep(project);
  if (files.length === 0) return ['infra/: there is no Bicep file'];
  const byPath = new Map(files.map((file) => [file.path, file]));
  const parameters = JSON.parse(project.read('infra/main.parameters.json')).parameters as Record<string, unknown>;
  return [
    ...files.flatMap((file) => [...syntax(file), ...declarations(file), ...modules(file, byPath)]),
    ...mainParameters(byPath.get('infra/main.bicep'), Object.keys(parameters)),
  ];
};

function syntax({ path, syntaxErrors }: BicepFile): string[] {
  return syntaxErrors.slice(0, 3).map(({ line, text }) => `${path}:${line}: does not parse near "${text}"`);
}

function declarations({ path, parameters, declared, used }: BicepFile): string[] {
  return [
    ...parameters
      .filter(({ name }) => !used.has(name))
      .map(({ name, line }) => `${path}:${line}: parameter ${name} is never used`),
    ...parameters
      .filter(({ described }) => !described)
      .map(({ name, line }) => `${path}:${line}: parameter ${name} has no @description`),
    ...declared
      .filter(({ kind, name }) => kind === 'variable' && !used.has(name))
      .map(({ name, line }) => `${path}:${line}: variable ${name} is never used`),
  ];
}

function modules(file: BicepFile, byPath: ReadonlyMap<string, BicepFile>): string[] {
  return file.modules.flatMap(({ symbol, path, line, params }) => {
    const where = `${file.path}:${line}: module ${symbol}`;
    const target = byPath.get(path);
    if (!target) return [`${where}: there is no ${path}`];
    const known = target.parameters.map(({ name }) => name);
    const outputs = [...file.root.text.matchAll(new RegExp(`\\b${symbol}\\.outputs\\.(\\w+)`, 'g'))].map(
      ([, output]) => output ?? '',
    );
    return [
      ...target.parameters
        .filter(({ name, hasDefault }) => !hasDefault && !params.includes(name))
        .map(({ name }) => `${where}: does not pass ${name}`),
      ...params.filter((name) => !known.includes(name)).map((name) => `${where}: passes ${name}, which ${path} lacks`),
      ...[...new Set(outputs)]
        .filter((output) => !target.outputs.includes(output))
        .map((output) => `${where}: has no output ${output}`),
    ];
  });
}

/** azd fills in `main.parameters.json`: every parameter can be set there, and nothing else. */
function mainParameters(main: BicepFile | undefined, given: readonly string[]): string[] {
  if (!main) return ['infra/main.bicep: is missing'];
  const known = main.parameters.map(({ name }) => name);
  return [
    ...known.filter((name) => !given.includes(name)).map((name) => `infra/main.parameters.json: does not set ${name}`),
    ...given
      .filter((name) => !known.includes(name))
      .map((name) => `infra/main.parameters.json: sets ${name}, which infra/main.bicep lacks`),
  ];
}
