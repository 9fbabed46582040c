export { evaluate, type EvaluateOptions, type Evaluation, type RecipeFigures } from './evaluate.js';
export { innermostPoint } from './innermost-point.js';
