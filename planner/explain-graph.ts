import { printChangelog } from '../core/changelog.ts';
import { inputsOf, nodesOf, type PhysicalPlan } from './physical-plan.ts';

/** The plan as a graph for tools, Mermaid's or Graphviz's: rows go along its edges, which name the changes. `describe` says what a step does. */
export function explainGraph(plan: PhysicalPlan, form: 'mermaid' | 'dot', describe: (node: PhysicalPlan) => string): string {
  const nodes = nodesOf(plan);
  const edges = nodes.flatMap((node) => inputsOf(node).map((input) => ({ from: input.id, to: node.id, changes: printChangelog(input.properties.changelog) })));
  const label = (node: PhysicalPlan, between: string, escape: (text: string) => string): string => {
    const text = describe(node);
    return escape(`${node.kind}[${node.id}]`) + (text === '' ? '' : between + escape(text));
  };
  if (form === 'mermaid') {
    const lines = nodes.map((node) => `  n${node.id}["${label(node, '<br/>', entities)}"]`);
    return ['flowchart LR', ...lines, ...edges.map(({ from, to, changes }) => `  n${from} -->|"${changes}"| n${to}`)].join('\n');
  }
  const lines = nodes.map((node) => `  n${node.id} [label="${label(node, '\\n', escaped)}"];`);
  return ['digraph plan {', '  rankdir=LR;', '  node [shape=box];', ...lines, ...edges.map(({ from, to, changes }) => `  n${from} -> n${to} [label="${changes}"];`), '}'].join('\n');
}

/** Mermaid reads entities in quoted labels, and would read these characters as its own. */
function entities(text: string): string {
  return text.replaceAll(/[#"<>&`[\]\n]/g, (character) => `#${character.charCodeAt(0)};`);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
