/** The page on which people label, in the elements that Ground Truth gives: classes come from the job's own list. */
export function labelTemplate(kind: 'image' | 'text'): string {
  const [element, shown] =
    kind === 'image'
      ? ['crowd-image-classifier', 'src="{{ task.input.taskObject | grant_read_access }}"']
      : ['crowd-classifier', ''];
  const text =
    kind === 'text' ? '    <classification-target>{{ task.input.taskObject }}</classification-target>\n' : '';
  return `<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <${element} name="crowd-${kind}-classifier" ${shown} header="Choose what fits best" categories="{{ task.input.labels | to_json | escape }}">
${text}    <full-instructions header="How to label">Choose the one class that fits. Where none is clear, take the closest.</full-instructions>
    <short-instructions>Choose the one class that fits best.</short-instructions>
  </${element}>
</crowd-form>
`;
}
