import { queues } from '../shared/platform/containers.ts';
import { routes } from '../shared/platform/routes.ts';
import { type Check, projectAt, REPOSITORY } from './project.ts';

/** What infrastructure and code say about the same functions agrees. */
export const checkFunctions: Check = (project) => {
  const files = projectAt(REPOSITORY).files('functions/*.ts');
  const names = files.map((path) => path.slice('functions/'.length, -'.ts'.length));
  const triggers = files.flatMap((path) => [
    ...projectAt(REPOSITORY)
      .read(path)
      .matchAll(/queueFunction\('([a-z-]+)', '([a-z-]+)'/g),
  ]);
  const app = project.read('infra/modules/function-app.bicep');
  const service = /'azd-service-name': '([a-z-]+)'/.exec(app)?.[1] ?? '';
  return [
    ...[...app.matchAll(/'function:([a-z-]+)'/g)]
      .filter(([, name = '']) => !names.includes(name))
      .map(([, name]) => `infra/modules/function-app.bicep: there is no function ${name}`),
    ...triggers
      .filter(([, , queue = '']) => !(queues as readonly string[]).includes(queue))
      .map(([, name, queue]) => `functions/${name}.ts: shared/platform/containers.ts has no queue ${queue}`),
    ...Object.keys(routes)
      .filter((name) => !names.includes(name))
      .map((name) => `shared/platform/routes.ts: there is no functions/${name}.ts`),
    ...(new RegExp(`^ {2}${service}:$`, 'm').test(project.read('azure.yaml'))
      ? []
      : [`azure.yaml: has no service "${service}", which the tag azd-service-name names`]),
  ];
};
