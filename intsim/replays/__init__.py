"""Published studies re-enacted in the model: arms are lived through, and each study is carried out on what happened."""
