"""Makes `cross.onnx`: the graph of a cross-encoder that adds up weights of words of the second text. Needs onnx.

Word 5 ("dog") weighs 1, word 6 ("red") 1/2, every other one nothing.
"""

from __future__ import annotations

from pathlib import Path

WEIGHTS = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0]
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def main() -> None:
    from onnx import TensorProto, checker, helper

    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["weight"]),
        helper.make_node("Mul", ["attention_mask", "token_type_ids"], ["counted"]),
        helper.make_node("Cast", ["counted"], ["share"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["weight", "share"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "axes"], ["logits"], keepdims=1),
    ]
    graph = helper.make_graph(
        nodes,
        "cross",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "tokens"]) for name in INPUTS],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1])],
        [
            helper.make_tensor("weights", TensorProto.FLOAT, [len(WEIGHTS)], WEIGHTS),
            helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    (Path(__file__).parent / "cross.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
